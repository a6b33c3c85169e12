// SPDX-License-Identifier: MIT
#include "restore_core/sink/uring_writer.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace depthfinder {
namespace {

std::string text_of(int error_number) { return std::generic_category().message(error_number); }

// Blocks of this size and alignment may go past the page cache: never a part of a page.
std::size_t direct_align_bytes(const TargetFile& file) {
  auto bytes = std::max<std::size_t>(4096, static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
  int sector_bytes = 0;
  if (::ioctl(file.fd(), BLKSSZGET, &sector_bytes) == 0)
    bytes = std::max(bytes, static_cast<std::size_t>(sector_bytes));
  return bytes;
}

}  // namespace

Result<std::unique_ptr<ExtentWriter>> UringWriter::open(const TargetFile& file, const UringSettings& settings,
                                                        int writers, const UringRing::Setup& setup) {
  std::unique_ptr<UringWriter> writer(new UringWriter(file, settings.depth));
  DF_TRY(writer->open_direct(settings.direct));
  std::vector<std::unique_ptr<UringRing>> rings;
  while (static_cast<int>(rings.size()) < writers) {
    auto ring = UringRing::open(writer->target_, settings.depth, setup);
    if (!ring && rings.empty())
      return std::make_unique<SystemCallWriter>(
          file,
          fmt::format(" through the page cache (io_uring cannot be used here: {})", text_of(ring.error())));
    if (!ring) break;
    rings.push_back(std::move(*ring));
  }
  writer->rings_ = std::make_unique<LeasePool<UringRing>>(std::move(rings));
  return writer;
}

// Anew, since the flag belongs to what an open() made and zeros and tails go through the page cache.
Result<void> UringWriter::open_direct(UringSettings::Direct direct) {
  if (direct == UringSettings::Direct::off) return {};
  const std::string same_file = fmt::format("/proc/self/fd/{}", target_.buffered.fd());
  direct_fd_ = open_file(same_file, O_WRONLY | O_DIRECT);
  const bool required = direct == UringSettings::Direct::on;
  if (!direct_fd_ && required)
    return fail(ErrorKind::bad_input,
                "'{}' cannot be opened for direct I/O: {}; use direct=auto or direct=off",
                target_.buffered.path(), text_of(errno));
  target_.direct_fd = direct_fd_.get();
  target_.direct_required = required;
  target_.direct_align_bytes = direct_align_bytes(target_.buffered);
  return {};
}

std::string UringWriter::description() const {
  const bool direct = target_.direct_fd >= 0 && target_.direct_works;
  return fmt::format("io_uring, {}, {} in flight for each of {} writers",
                     direct ? "direct I/O" : "through the page cache", depth_, rings_->size());
}

MakeExtentWriter make_uring_writer(const UringSettings& settings, int writers) {
  return make_uring_writer(settings, writers, [](unsigned entries, io_uring* ring) {
    return ::io_uring_queue_init(entries, ring, 0);
  });
}

MakeExtentWriter make_uring_writer(const UringSettings& settings, int writers, UringRing::Setup setup) {
  return [settings, writers, setup = std::move(setup)](const TargetFile& file) {
    return UringWriter::open(file, settings, writers, setup);
  };
}

}  // namespace depthfinder
