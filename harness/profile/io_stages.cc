// SPDX-License-Identifier: MIT
// The stages at both ends of a restore: the bare TLS receive, and the write into a file.
#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include "harness/profile/stage.h"
#include "harness/profile/tls_loopback.h"
#include "restore_core/base/file.h"
#include "restore_core/base/handle.h"

namespace depthfinder {
namespace {

class ReceiveStage final : public Stage {
 public:
  ReceiveStage(const StageMaterial& material, std::unique_ptr<TlsLoopback> loopback)
      : Stage({.kind = StageKind::tls_receive, .note = loopback->cipher()}),
        material_(material),
        loopback_(std::move(loopback)) {}

  Result<void> prepare(std::size_t steps) override {
    loopback_->ask_for(steps * kProfileChunkBytes);
    return {};
  }
  Result<void> step() override { return loopback_->receive(material_.ring.take()); }

 private:
  StageMaterial material_;
  std::unique_ptr<TlsLoopback> loopback_;
};

class WriteStage final : public Stage {
 public:
  WriteStage(const StageMaterial& material, UniqueFd file, const std::filesystem::path& folder)
      : Stage({.kind = StageKind::file_write, .note = "page cache, " + folder.string()}),
        material_(material),
        file_(std::move(file)),
        folder_(folder) {}

  // A fresh file each time: no page of it is in the cache, no block is allocated.
  Result<void> prepare(std::size_t) override {
    offset_ = 0;
    if (::ftruncate(file_.get(), 0) != 0)
      return pass_on(errno_error("truncate a temporary file in", folder_, errno));
    return {};
  }

  Result<void> step() override {
    for (ByteSpan rest = material_.ring.take(); !rest.empty();) {
      const ssize_t written = ::pwrite(file_.get(), rest.data(), rest.size(), offset_);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return pass_on(errno_error("write a temporary file in", folder_, errno));
      rest = rest.subspan(static_cast<std::size_t>(written));
      offset_ += written;
    }
    return {};
  }

 private:
  StageMaterial material_;
  UniqueFd file_;
  std::filesystem::path folder_;
  off_t offset_ = 0;
};

// A file without a name: whatever ends the process, nothing is left of it.
Result<UniqueFd> make_nameless_file(const std::filesystem::path& folder) {
  std::string name = (folder / "depthfinder-profile-XXXXXX").string();
  UniqueFd file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file) return pass_on(errno_error("make a temporary file in", folder, errno));
  ::unlink(name.c_str());
  return file;
}

}  // namespace

Result<void> add_receive_stage(const StageMaterial& material, StageList& stages) {
  constexpr std::size_t kContentBytes = 1 << 20;
  const ByteSpan content = ByteSpan(material.ring.take()).first(kContentBytes);
  DF_ASSIGN(auto loopback, TlsLoopback::open(Bytes(content.begin(), content.end())));
  stages.push_back(std::make_unique<ReceiveStage>(material, std::move(loopback)));
  return {};
}

Result<void> add_write_stage(const StageMaterial& material, StageList& stages) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) return fail(ErrorKind::io, "there is no folder for temporary files: {}", error.message());
  DF_ASSIGN(UniqueFd file, make_nameless_file(folder));
  stages.push_back(std::make_unique<WriteStage>(material, std::move(file), folder));
  return {};
}

}  // namespace depthfinder
