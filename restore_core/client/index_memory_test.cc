// SPDX-License-Identifier: MIT
// What opening the index of a large image takes, counted in every operator new of the program.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>
#include <malloc.h>

#include "restore_core/client/foreign_server.h"
#include "restore_core/client/test_restore.h"
#include "restore_core/client/test_store.h"

namespace {

std::atomic<std::int64_t> live_bytes{0};
std::atomic<std::int64_t> peak_bytes{0};

void* counted(std::size_t size) {
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  const auto usable = static_cast<std::int64_t>(malloc_usable_size(memory));
  const std::int64_t now = live_bytes += usable;
  std::int64_t peak = peak_bytes;
  while (peak < now && !peak_bytes.compare_exchange_weak(peak, now)) {
  }
  return memory;
}

void uncounted(void* memory) {
  if (memory == nullptr) return;
  live_bytes -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { uncounted(memory); }
void operator delete[](void* memory) noexcept { uncounted(memory); }
void operator delete(void* memory, std::size_t) noexcept { uncounted(memory); }
void operator delete[](void* memory, std::size_t) noexcept { uncounted(memory); }

namespace depthfinder {
namespace {

constexpr std::int64_t kChunks = 262'144;  // 1 TiB
constexpr std::int64_t kAsideBytesMax = 64
                                        << 10;  // the header and all that has nothing to do with the length

FixedIndex large_index() {
  FixedIndex index;
  index.image_bytes = kChunks * kDefaultChunkSize;
  index.digests.resize(kChunks);
  for (std::size_t i = 0; i < index.digests.size(); ++i) std::memcpy(index.digests[i].data(), &i, sizeof i);
  return index;
}

class IndexMemory : public testing::TestWithParam<int> {};

TEST_P(IndexMemory, IsSixtyFourBytesAChunkAtMostAndThirtyTwoAfterwards) {
  TestStore store;
  store.add_index(std::string(kImageArchive), large_index());
  store.write_manifest();
  ForeignServer server({}, store.path());
  auto client = ReaderClient::connect(server.access(), plain_snapshot(), {}, test_options(GetParam()), {});
  ASSERT_TRUE(client) << client.error().message;
  const auto manifest = (*client)->manifest(nullptr);
  ASSERT_TRUE(manifest) << manifest.error().message;
  const std::int64_t before = live_bytes;
  peak_bytes = before;
  const auto image = (*client)->open_image(*manifest, kImageArchive);
  const std::int64_t peak = peak_bytes - before;
  const std::int64_t after = live_bytes - before;
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->index.digests, large_index().digests);
  EXPECT_LE(peak, 64 * kChunks + kAsideBytesMax);
  EXPECT_LE(after, 32 * kChunks + kAsideBytesMax);
}

INSTANTIATE_TEST_SUITE_P(Connections, IndexMemory, testing::Values(1, 4));

}  // namespace
}  // namespace depthfinder
