// The terminal's local API.

// post sends JSON and gives the answer; a refusal is thrown as an Error with a code.
export async function post(path, body = {}) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return unwrap(response);
}

// get asks for something, and throws as post does.
export async function get(path) {
  return unwrap(await fetch(path));
}

export async function postPicture(file) {
  const response = await fetch("/api/sim/image", {
    method: "POST",
    headers: { "Content-Type": file.type || "image/png" },
    body: file,
  });
  return unwrap(response);
}

async function unwrap(response) {
  const answer = await response.json();
  if (response.ok) return answer;
  const error = new Error(answer.error.message);
  error.code = answer.error.code;
  error.seconds = answer.error.seconds_left; // of a lock
  throw error;
}

// follow calls onView with each view, and onLine with whether the terminal answers.
export function follow(onView, onLine) {
  const stream = new EventSource("/api/events");
  stream.addEventListener("view", (event) => {
    onLine(true);
    onView(JSON.parse(event.data));
  });
  stream.onerror = () => onLine(false);
}
