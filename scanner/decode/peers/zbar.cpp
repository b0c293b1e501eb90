// Reads frames with ZBar, which looks for inverted QR codes on its own accord only in
// later versions: what this one does with its default settings is what counts.
#include <zbar.h>

#include "frames.h"

int main() {
	zbar::ImageScanner scanner;
	scanner.set_config(zbar::ZBAR_NONE, zbar::ZBAR_CFG_ENABLE, 0);
	scanner.set_config(zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
	scanner.set_config(zbar::ZBAR_CODE128, zbar::ZBAR_CFG_ENABLE, 1);
	for (Frame frame; get(frame);) {
		std::vector<std::string> texts;
		auto began = now();
		zbar::Image image(frame.width, frame.height, "Y800", frame.pixels.data(), frame.pixels.size());
		scanner.scan(image);
		for (auto s = image.symbol_begin(); s != image.symbol_end(); ++s)
			texts.push_back(s->get_data());
		put(now() - began, texts);
	}
}
