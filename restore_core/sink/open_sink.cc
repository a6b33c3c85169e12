// SPDX-License-Identifier: MIT
#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include <sys/stat.h>

#include "restore_core/sink/block_device_sink.h"
#include "restore_core/sink/file_sink.h"
#include "restore_core/sink/nbd_sink.h"
#include "restore_core/sink/nbd_uri.h"
#include "restore_core/sink/null_sink.h"
#include "restore_core/sink/sink.h"
#include "restore_core/sink/slow_sink.h"
#include "restore_core/sink/uring_writer.h"

namespace depthfinder {
namespace {

// For a target that is not there: the directory that would hold it must be.
Result<void> check_directory_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0)
    return fail(ErrorKind::not_found, "the directory '{}' of target '{}' cannot be used: {}; make it first",
                directory, path, std::generic_category().message(errno));
  if (!S_ISDIR(status.st_mode))
    return fail(ErrorKind::bad_input, "'{}' of target '{}' is no directory", directory, path);
  return {};
}

Result<std::unique_ptr<Sink>> open_existing(const std::string& path, const struct stat& status,
                                            std::uint64_t image_bytes, const SinkOptions& options,
                                            const MakeExtentWriter& make_writer) {
  if (S_ISBLK(status.st_mode)) return BlockDeviceSink::open(path, image_bytes, options, make_writer);
  if (S_ISREG(status.st_mode)) return FileSink::open(path, image_bytes, options, make_writer);
  if (S_ISDIR(status.st_mode))
    return fail(ErrorKind::bad_input, "target '{}' is a directory; name a file inside it", path);
  return fail(ErrorKind::bad_input, "target '{}' is neither a regular file nor a block device", path);
}

Result<std::unique_ptr<Sink>> open_path(const std::string& path, std::uint64_t image_bytes,
                                        const SinkOptions& options, const MakeExtentWriter& make_writer) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0)
    return open_existing(path, status, image_bytes, options, make_writer);
  if (errno != ENOENT && errno != ENOTDIR)
    return fail(ErrorKind::bad_input, "cannot inspect target '{}': {}", path,
                std::generic_category().message(errno));
  DF_TRY(check_directory_of(path));
  if (options.old_data == OldData::require)
    return fail(ErrorKind::bad_input,
                "target '{}' is not there: there is nothing to reuse; name the older copy of the image",
                path);
  return FileSink::open(path, image_bytes, options, make_writer);
}

Result<std::unique_ptr<Sink>> open_uring(std::string_view text, std::uint64_t image_bytes,
                                         const SinkOptions& options) {
  DF_ASSIGN(const UringSettings settings, parse_uring_target(text));
  return open_path(settings.path, image_bytes, options, make_uring_writer(settings, options.writers));
}

Result<std::unique_ptr<Sink>> open_slow(std::string_view text, std::uint64_t image_bytes,
                                        const SinkOptions& options) {
  DF_ASSIGN(const SlowTarget target, parse_slow_target(text));
  DF_ASSIGN(std::unique_ptr<Sink> behind, open_sink(target.path, image_bytes, options));
  return std::make_unique<SlowSink>(std::move(behind), target, options.stop);
}

}  // namespace

Result<std::unique_ptr<Sink>> open_sink(std::string_view target, std::uint64_t image_bytes,
                                        const SinkOptions& options) {
  const std::string path(target);
  if (path.empty())
    return fail(ErrorKind::bad_input, "the target is empty; name a file, a block device or null");
  if (options.old_data != OldData::drop) DF_TRY(check_keeps_data(target));
  if (path == "null") return std::make_unique<NullSink>();
  if (path.starts_with("slow:")) return open_slow(path, image_bytes, options);
  if (path.starts_with(kUringPrefix)) return open_uring(path, image_bytes, options);
  if (is_nbd_uri(path))
    return NbdSink::open(path, image_bytes, options.writers, {.stop = options.stop}, options.old_data);
  if (const std::size_t scheme_end = path.find("://"); scheme_end != std::string::npos)
    return fail(ErrorKind::bad_input,
                "no sink takes the target '{}://...'; name a file, a block device, null, uring:PATH or "
                "nbd://HOST/EXPORT",
                path.substr(0, scheme_end));
  return open_path(path, image_bytes, options, make_system_call_writer);
}

Result<void> check_keeps_data(std::string_view target) {
  if (target != "null" && !target.starts_with("slow:")) return {};
  return fail(ErrorKind::bad_input,
              "there is nothing to go on from in the target '{}'; name a file, a block device, uring:PATH or "
              "nbd://HOST/EXPORT",
              target);
}

std::string_view target_help() {
  return R"(null                          nothing is kept
FILE                          made new and sparse; --overwrite to replace one
DEVICE                        a block device at least as large as the image
uring:PATH[,direct=on|off|auto][,depth=N]
                              a file or device through io_uring; direct I/O
                              where it can (auto), N requests per writer (8)
nbd://HOST[:PORT]/EXPORT      an NBD export, at least as large; also nbds://
nbd+unix:///EXPORT?socket=PATH  (TLS), nbds+unix://, nbd+vsock://
slow:[latency=2ms,][rate=500MB/s,][writers=N,][path=TARGET]
                              TARGET (null) as a slow one; path comes last
)";
}

}  // namespace depthfinder
