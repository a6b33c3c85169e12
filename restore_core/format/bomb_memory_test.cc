// SPDX-License-Identifier: MIT
// Bombs must be refused with little memory: each is decoded in a child process whose address space may grow by no
// more than the output limit and some slack.
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/test_vectors.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DF_UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DF_UNDER_SANITIZER 1
#endif
#endif

namespace depthfinder {
namespace {

constexpr std::uint64_t kMib = 1ULL << 20;
constexpr int kRefusedAsExpected = 42;

std::uint64_t address_space_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// Runs `refuses` with at most `extra_bytes` of memory; true when it returns true.
template <typename Function>
bool holds_within(std::uint64_t extra_bytes, const Function& refuses) {
  const pid_t child = fork();
  if (child == 0) {
    const rlim_t limit = address_space_bytes() + extra_bytes;
    const rlimit limits{limit, limit};
    if (setrlimit(RLIMIT_AS, &limits) != 0) _exit(1);
    _exit(refuses() ? kRefusedAsExpected : 2);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == kRefusedAsExpected;
}

struct Bomb {
  const char* file;
  std::uint64_t output_bytes_max;
  std::uint64_t memory_bytes;
  std::string_view reason;
};

class MemoryLimit : public testing::Test {
 protected:
  void SetUp() override {
#ifdef DF_UNDER_SANITIZER
    GTEST_SKIP() << "sanitizers reserve far more address space than the limit";
#endif
  }
};

class BombMemory : public MemoryLimit, public testing::WithParamInterface<Bomb> {};

TEST_P(BombMemory, IsRefusedWithinBounds) {
  const Bomb& bomb = GetParam();
  const Bytes bytes = read_test_file(vectors_directory() / bomb.file);
  const CryptConfig key = test_key("a");
  EXPECT_TRUE(holds_within(bomb.memory_bytes, [&] {
    const auto payload = decode_blob(bytes, &key, bomb.output_bytes_max);
    return !payload && payload.error().reason == bomb.reason;
  }));
}

INSTANTIATE_TEST_SUITE_P(
    Bombs, BombMemory,
    testing::Values(Bomb{"hostile/blob-zstd-bomb.blob", kBlobPayloadMax, 144 * kMib, "blob-too-large"},
                    Bomb{"hostile/blob-zstd-bomb.blob", kMib, 4 * kMib, "blob-too-large"},
                    Bomb{"hostile/blob-enc-zstd-bomb.blob", kMib, 4 * kMib, "blob-too-large"},
                    Bomb{"chunks/bomb.chunk", 4 * kMib, 8 * kMib, "blob-too-large"},
                    Bomb{"hostile/blob-zstd-claim.blob", kBlobPayloadMax, 4 * kMib, "blob-zstd"},
                    Bomb{"hostile/blob-zstd-claim-ss.blob", kBlobPayloadMax, 4 * kMib, "blob-zstd"},
                    Bomb{"hostile/blob-zstd-window.blob", kBlobPayloadMax, 4 * kMib, "blob-zstd"}));

// The limit can fail: taking the payload in full does not fit.
TEST_F(MemoryLimit, Bites) {
  EXPECT_FALSE(holds_within(4 * kMib, [] {
    try {
      return !Bytes(64 * kMib, 1).empty();
    } catch (const std::bad_alloc&) {
      return false;
    }
  }));
}

TEST_F(MemoryLimit, MemoryThatIsNotThereIsAnError) {
  const Bytes bytes = read_test_file(vectors_directory() / "hostile/blob-zstd-bomb.blob");
  EXPECT_TRUE(holds_within(16 * kMib,
                           [&] { return decode_blob(bytes, nullptr).error().reason == "blob-too-large"; }));
}

}  // namespace
}  // namespace depthfinder
