// SPDX-License-Identifier: MIT
#include "harness/latency_recording.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "restore_core/base/file.h"
#include "restore_core/base/handle.h"

namespace depthfinder {
namespace {

namespace fs = std::filesystem;

Error refusal(const fs::path& file, std::string_view why) {
  return {ErrorKind::bad_input,
          fmt::format("--record-latency {}: {}; give a file in a folder that can be written to",
                      file.string(), why),
          {}};
}

// The precision of the clock readings around a receive; more digits would say nothing.
Nanoseconds in_microseconds(Nanoseconds time) { return std::chrono::round<std::chrono::microseconds>(time); }

}  // namespace

Result<void> check_recording_file(const fs::path& file, const fs::path& target) {
  std::error_code ignored;
  if (!file.has_filename()) return pass_on(refusal(file, "this names no file"));
  // The file is replaced, and a device or a pipe would be too.
  const fs::file_status status = fs::status(file, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status))
    return pass_on(refusal(file, "this is there and no regular file"));
  if (fs::weakly_canonical(file, ignored) == fs::weakly_canonical(target, ignored))
    return pass_on(refusal(file, "the image is restored to it"));
  const fs::path probe = file.string() + fmt::format(".tmp.{}", ::getpid());
  const UniqueFd fd = open_file(probe, O_WRONLY | O_CREAT, 0600);
  if (!fd) return pass_on(refusal(file, errno_error("create", probe, errno).message));
  ::unlink(probe.c_str());
  return {};
}

LatencyTrace latency_trace(const std::vector<LatencySample>& samples) {
  LatencyTrace trace;
  for (const LatencySample& sample : samples)
    trace.requests.push_back({in_microseconds(sample.sent - samples.front().sent),
                              in_microseconds(sample.first_byte - sample.sent),
                              in_microseconds(sample.last_byte - sample.sent), sample.bytes,
                              sample.in_flight});
  return trace;
}

Result<void> write_recording(const fs::path& file, const std::vector<LatencySample>& samples) {
  return write_file_atomically(file, as_bytes(latency_trace_json(latency_trace(samples))));
}

}  // namespace depthfinder
