// Reads frames with ZXing-C++ and its default settings: QR and Code 128, every way of
// turning, inverted too.
#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>

#include "frames.h"

int main() {
	auto formats = ZXing::BarcodeFormat::QRCode | ZXing::BarcodeFormat::Code128;
	auto hints = ZXing::DecodeHints().setFormats(formats);
	for (Frame frame; get(frame);) {
		std::vector<std::string> texts;
		auto began = now();
		// Of version 1.4 the call that reads several symbols aborts on some frames.
		auto result = ZXing::ReadBarcode(
			{frame.pixels.data(), int(frame.width), int(frame.height), ZXing::ImageFormat::Lum}, hints);
		if (result.isValid())
			texts.push_back(result.text());
		put(now() - began, texts);
	}
}
