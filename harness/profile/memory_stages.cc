// SPDX-License-Identifier: MIT
// What memory itself costs: a copy, fresh pages, and a look whether a chunk is all zero.
#include <cerrno>
#include <cstring>

#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/profile/stage.h"

namespace depthfinder {
namespace {

class CopyStage final : public Stage {
 public:
  explicit CopyStage(const StageMaterial& material)
      : Stage({.kind = StageKind::memory_copy}), material_(material) {}

  Result<void> step() override {
    const ByteSpan from = material_.ring.take();
    const MutableByteSpan to = material_.ring.take();
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::ClobberMemory();
    return {};
  }

 private:
  StageMaterial material_;
};

class FreshMemoryStage final : public Stage {
 public:
  FreshMemoryStage() : Stage({.kind = StageKind::fresh_memory, .note = "map, touch every page, unmap"}) {}

  Result<void> step() override {
    void* const memory =
        ::mmap(nullptr, kProfileChunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return fail(ErrorKind::io, "no fresh memory: {}", std::strerror(errno));
    auto* const bytes = static_cast<std::uint8_t*>(memory);
    for (std::size_t offset = 0; offset < kProfileChunkBytes; offset += page_bytes_) bytes[offset] = 1;
    benchmark::ClobberMemory();
    ::munmap(memory, kProfileChunkBytes);
    return {};
  }

 private:
  std::size_t page_bytes_ = static_cast<std::size_t>(::sysconf(_SC_PAGE_SIZE));
};

class ZeroScanStage final : public Stage {
 public:
  explicit ZeroScanStage(const StageMaterial& material)
      : Stage({.kind = StageKind::zero_scan}), material_(material), zeros_(kProfileChunkBytes) {}

  Result<void> prepare(std::size_t steps) override {
    chunks_ = cold_copies(material_, zeros_, steps);
    return {};
  }

  Result<void> step() override {
    const ByteSpan chunk = chunks_.back();
    chunks_.pop_back();
    if (!is_zero(chunk)) return fail(ErrorKind::corrupt, "a chunk of zeros was not found to be one");
    return {};
  }

 private:
  StageMaterial material_;
  Bytes zeros_;
  std::vector<MutableByteSpan> chunks_;
};

}  // namespace

Result<void> add_memory_stages(const StageMaterial& material, StageList& stages) {
  stages.push_back(std::make_unique<CopyStage>(material));
  stages.push_back(std::make_unique<FreshMemoryStage>());
  stages.push_back(std::make_unique<ZeroScanStage>(material));
  return {};
}

}  // namespace depthfinder
