// What the screen says, in two languages.

const all = {};
let language = "zh-CN";

export async function loadWords() {
  for (const name of ["zh-CN", "en"]) {
    all[name] = await (await fetch(`words.${name}.json`)).json();
  }
}

export function setLanguage(name) {
  if (name in all) language = name;
  document.documentElement.lang = language;
}

export const otherLanguage = () => (language === "en" ? "zh-CN" : "en");

// say gives the words for a key; a key without words is shown as it is.
export function say(key, ...rest) {
  const words = all[language][key];
  if (words !== undefined) return words;
  return rest.length > 0 ? rest[0] : key.slice(key.indexOf(".") + 1);
}
