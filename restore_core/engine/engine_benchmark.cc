// SPDX-License-Identifier: MIT
// What the engine itself costs for each chunk of an index, nearly all of them zeros: planning, taking turns, counting. A
// source in memory, a sink that keeps nothing; a short index, restored until it comes to as many chunks, against the
// index of 1 TiB, in turns. Prints each round and the ratio's median and range; a ratio above 1 is a cost that grows with
// the index. Each restore also starts and joins the engine's threads, which is most of what a short one costs: that is
// printed beside it (a restore of one chunk), and --short 32768 makes it small.
//   engine_benchmark [--chunks 262144] [--short 256] [--chunk-size 4096] [--rounds 5]
#include <algorithm>
#include <unordered_map>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "restore_core/base/clock.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/format/data_blob.h"
#include "restore_core/hash/sha256.h"
#include "restore_core/sink/null_sink.h"

namespace depthfinder {
namespace {

constexpr std::size_t kDataEvery = 256;  // one chunk of so many is no zero chunk: 99.6 % are, in both indexes

struct Options {
  std::size_t chunks = 262'144, short_chunks = 256, rounds = 5;
  std::uint64_t chunk_size = 4096;
};

struct Image {
  FixedIndex index;
  std::unordered_map<Digest, Bytes, DigestHash> blobs;
};

Result<Image> make_image(std::size_t chunks, std::uint64_t chunk_size) {
  Image image;
  image.index.chunk_size = chunk_size;
  image.index.image_bytes = chunks * chunk_size;
  image.index.digests.assign(chunks, zero_chunk_digest(chunk_size, CryptMode::none, nullptr));
  Bytes content(chunk_size);
  for (std::size_t position = std::min(chunks, kDataEvery) / 2; position < chunks; position += kDataEvery) {
    store_le<std::uint64_t>(content, 0, position);
    DF_ASSIGN(Bytes blob, encode_blob(content, {.compress = false, .key = nullptr, .iv = {}}));
    image.index.digests[position] = sha256(content);
    image.blobs.emplace(image.index.digests[position], std::move(blob));
  }
  return image;
}

// Every fetch is done within fetch().
class MemorySource final : public ChunkSource {
 public:
  explicit MemorySource(const Image& image) : image_(image) {}

  void fetch(const Digest& digest, ChunkRoom room, Done done) override {
    const auto found = image_.blobs.find(digest);
    if (found == image_.blobs.end()) return done(fail(ErrorKind::not_found, "no such chunk"));
    std::copy(found->second.begin(), found->second.end(), room.get().begin());
    done(found->second.size());
  }
  void cancel() override {}
  [[nodiscard]] TransportStats stats() const override { return {}; }

 private:
  const Image& image_;
};

// Microseconds per chunk of `times` restores of the image.
Result<double> measure(const Image& image, std::size_t times) {
  DF_ASSIGN(const EngineSettings settings, engine_settings("pipelined", {}));
  MemorySource source(image);
  const SteadyClock clock;
  const TimePoint begin = clock.now();
  for (std::size_t i = 0; i < times; ++i) {
    NullSink sink;
    DF_TRY(restore_image({image.index, CryptMode::none}, settings, source, sink, {}, {}));
  }
  const double chunks = static_cast<double>(times * image.index.chunk_count());
  return 1e6 * to_seconds(clock.now() - begin) / chunks;
}

Result<void> run(const Options& options) {
  DF_ASSIGN(const Image small, make_image(options.short_chunks, options.chunk_size));
  DF_ASSIGN(const Image large, make_image(options.chunks, options.chunk_size));
  DF_ASSIGN(const Image one, make_image(1, options.chunk_size));
  const std::size_t times = std::max<std::size_t>(1, options.chunks / options.short_chunks);
  DF_TRY(measure(small, 1));
  DF_TRY(measure(large, 1));
  std::vector<double> ratios;
  for (std::size_t round = 1; round <= options.rounds; ++round) {
    DF_ASSIGN(const double small_us, measure(small, times));
    DF_ASSIGN(const double large_us, measure(large, 1));
    DF_ASSIGN(const double start_us, measure(one, times));
    ratios.push_back(large_us / small_us);
    fmt::print(
        "round {}: {} chunks {} times {:.3f} us per chunk ({:.3f} of it to start), {} chunks {:.3f}, ratio "
        "{:.3f}\n",
        round, options.short_chunks, times, small_us, start_us / static_cast<double>(options.short_chunks),
        options.chunks, large_us, ratios.back());
  }
  std::sort(ratios.begin(), ratios.end());
  const double median = (ratios[(ratios.size() - 1) / 2] + ratios[ratios.size() / 2]) / 2;
  fmt::print("ratio: median {:.3f} ({:.3f}..{:.3f}) over {} rounds\n", median, ratios.front(), ratios.back(),
             ratios.size());
  return {};
}

}  // namespace
}  // namespace depthfinder

int main(int argc, char** argv) {
  depthfinder::Options options;
  CLI::App app("The engine's own cost per chunk: a short index against that of 1 TiB");
  app.add_option("--chunks", options.chunks, "Of the long index")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 24));
  app.add_option("--short", options.short_chunks, "Chunks of the short index")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 24));
  app.add_option("--chunk-size", options.chunk_size, "Bytes, a power of two")
      ->capture_default_str()
      ->check(CLI::Range(8, 1 << 22));
  app.add_option("--rounds", options.rounds, "Measurements of each")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  const auto done = depthfinder::run(options);
  if (!done) fmt::print(stderr, "engine_benchmark: {}\n", done.error().message);
  return done ? 0 : 1;
}
