// The pipe that a peer reads frames from, and writes what it saw to. All numbers are
// little-endian, as on every machine that the benchmark runs on.
//
//   in:  width, height (32 bits each), then the pixels, a byte each, row by row
//   out: nanoseconds (64 bits), number of texts (32 bits), then
//        each text: its length (32 bits) and its bytes
#ifndef FRAMES_H
#define FRAMES_H

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

struct Frame {
	uint32_t width, height;
	std::vector<uint8_t> pixels;
};

inline bool get(Frame &frame) {
	uint32_t size[2];
	if (fread(size, sizeof size, 1, stdin) != 1)
		return false;
	frame.width = size[0];
	frame.height = size[1];
	frame.pixels.resize(size_t(size[0]) * size[1]);
	return fread(frame.pixels.data(), 1, frame.pixels.size(), stdin) == frame.pixels.size();
}

// The caller takes the shortest of several: other programs on the machine do not count.
inline uint64_t now() {
	timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return uint64_t(t.tv_sec) * 1000000000 + t.tv_nsec;
}

inline void put(uint64_t took, const std::vector<std::string> &texts) {
	uint32_t count = texts.size();
	fwrite(&took, sizeof took, 1, stdout);
	fwrite(&count, sizeof count, 1, stdout);
	for (const auto &text : texts) {
		uint32_t length = text.size();
		fwrite(&length, sizeof length, 1, stdout);
		fwrite(text.data(), 1, length, stdout);
	}
	fflush(stdout);
}

#endif
