// SPDX-License-Identifier: MIT
#include "harness/bystander/sync_writer.h"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

constexpr std::size_t kBlockBytes = 4096;
constexpr std::uint64_t kFileBlocks = 256;  // 1 MiB, written round and round

}  // namespace

SyncWriter::SyncWriter(std::filesystem::path path, UniqueFd fd)
    : path_(std::move(path)), fd_(std::move(fd)), block_(kBlockBytes) {}

SyncWriter::SyncWriter(SyncWriter&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      fd_(std::move(other.fd_)),
      block_(std::move(other.block_)),
      writes_(other.writes_) {}

SyncWriter::~SyncWriter() {
  if (fd_) ::unlink(path_.c_str());
}

Result<SyncWriter> SyncWriter::create(const std::filesystem::path& directory) {
  std::string path = (directory / "depthfinder-bystander-XXXXXX").string();
  UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC));
  if (!fd) return pass_on(errno_error("make the bystander's file in", directory, errno));
  SyncWriter writer(path, std::move(fd));
  for (std::uint64_t block = 0; block < kFileBlocks; ++block) DF_TRY(writer.write_block());
  if (::fsync(writer.fd_.get()) != 0) return pass_on(errno_error("synchronise", path, errno));
  return writer;
}

// The next block, with other content than the last time.
Result<void> SyncWriter::write_block() {
  store_le<std::uint64_t>(block_, 0, ++writes_);
  const auto offset = static_cast<off_t>(writes_ % kFileBlocks * kBlockBytes);
  ssize_t written = -1;
  do written = ::pwrite(fd_.get(), block_.data(), block_.size(), offset);
  while (written < 0 && errno == EINTR);
  if (written != static_cast<ssize_t>(block_.size()))
    return pass_on(errno_error("write", path_, written < 0 ? errno : ENOSPC));
  return {};
}

Result<void> SyncWriter::write() {
  DF_TRY(write_block());
  if (::fdatasync(fd_.get()) != 0) return pass_on(errno_error("synchronise", path_, errno));
  return {};
}

bool is_in_memory(const std::filesystem::path& directory) {
  struct statfs about {};
  return ::statfs(directory.c_str(), &about) == 0 && about.f_type == TMPFS_MAGIC;
}

}  // namespace depthfinder
