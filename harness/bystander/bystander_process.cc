// SPDX-License-Identifier: MIT
#include "harness/bystander/bystander_process.h"

#include <algorithm>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "harness/spawn.h"

namespace depthfinder {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kReadyTimeout{30};   // a file made and calibrated, on a busy host
constexpr seconds kMarkTimeout{60};    // a command's run has to end first
constexpr seconds kEndTimeout{10};     // after its input was closed
constexpr milliseconds kStopPoll{20};  // how late a stop request may be seen
constexpr std::size_t kErrorsBytesMax = 64 << 10;
constexpr int kPipeBytes = 1 << 20;  // some minutes of samples that nobody fetches

std::vector<std::string> arguments_for(const BystanderSpec& spec) {
  const auto exact = [](Nanoseconds duration) { return fmt::format("{}ns", duration.count()); };
  std::vector<std::string> arguments{"bystander", "--json", "--period", exact(spec.period)};
  const auto add = [&](const char* flag, std::string value) {
    arguments.emplace_back(flag);
    arguments.push_back(std::move(value));
  };
  if (spec.kind == BystanderKind::command)
    add("--command", spec.command);
  else
    add("--kind", bystander_text(spec));
  if (spec.writes()) add("--directory", spec.directory.string());
  if (spec.uses_cpu() && spec.work_units > 0) add("--work-units", std::to_string(spec.work_units));
  if (spec.uses_cpu() && spec.work_units == 0) add("--work", exact(spec.work));
  return arguments;
}

std::string trimmed(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

BystanderProcess::BystanderProcess(pid_t pid, UniqueFd input, UniqueFd output, UniqueFd errors)
    : pid_(pid), input_fd_(std::move(input)), output_fd_(std::move(output)), errors_fd_(std::move(errors)) {
  ::fcntl(output_fd_.get(), F_SETPIPE_SZ, kPipeBytes);  // a smaller one is no error: the child keeps the rest
  ::fcntl(output_fd_.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(errors_fd_.get(), F_SETFL, O_NONBLOCK);
}

BystanderProcess::BystanderProcess(BystanderProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      exit_status_(other.exit_status_),
      input_fd_(std::move(other.input_fd_)),
      output_fd_(std::move(other.output_fd_)),
      errors_fd_(std::move(other.errors_fd_)),
      partial_line_(std::move(other.partial_line_)),
      errors_(std::move(other.errors_)),
      ready_(other.ready_),
      work_units_(other.work_units_),
      marks_asked_(other.marks_asked_),
      marks_seen_(other.marks_seen_),
      reports_(std::move(other.reports_)) {}

BystanderProcess::~BystanderProcess() {
  if (pid_ < 0) return;
  input_fd_.reset();
  end();
}

Result<BystanderProcess> BystanderProcess::start(const BystanderSpec& spec, const std::stop_token& stop,
                                                 const std::string& program) {
  DF_TRY(check_bystander(spec));
  DF_ASSIGN(PipeEnds input, make_pipe_ends());
  DF_ASSIGN(PipeEnds output, make_pipe_ends());
  DF_ASSIGN(PipeEnds errors, make_pipe_ends());
  DF_ASSIGN(const pid_t pid, spawn({.program = program,
                                    .arguments = arguments_for(spec),
                                    .input_fd = input.read.get(),
                                    .output_fd = output.write.get(),
                                    .errors_fd = errors.write.get()}));
  BystanderProcess process(pid, std::move(input.write), std::move(output.read), std::move(errors.read));
  output.write.reset();  // so that its end is seen
  errors.write.reset();
  DF_TRY(process.wait_until_ready(stop));
  return process;
}

Result<void> BystanderProcess::wait_until_ready(const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + kReadyTimeout;
  while (!ready_) DF_TRY(wait_for_news(deadline, stop));
  return {};
}

Result<void> BystanderProcess::accept(const BystanderLine& line) {
  if (const auto* report = std::get_if<BystanderReport>(&line)) {
    reports_.push_back(*report);
  } else if (const auto* mark = std::get_if<BystanderMark>(&line)) {
    if (mark->count != marks_seen_ + 1 || mark->count > marks_asked_)
      return fail(ErrorKind::protocol, "the bystander answered mark {} after mark {}", mark->count,
                  marks_seen_);
    marks_seen_ = mark->count;
  } else if (const auto* hello = std::get_if<BystanderHello>(&line)) {
    ready_ = true;
    work_units_ = hello->work_units;
  }
  return {};
}

// Takes in what is there, without waiting. The end of the output is no error here.
Result<void> BystanderProcess::read_lines() {
  drain(output_fd_, partial_line_);
  drain(errors_fd_, errors_);
  if (errors_.size() > kErrorsBytesMax) errors_.erase(0, errors_.size() - kErrorsBytesMax);
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = partial_line_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    DF_ASSIGN(const BystanderLine line,
              parse_bystander_line(std::string_view(partial_line_).substr(begin, end - begin)));
    DF_TRY(accept(line));
  }
  partial_line_.erase(0, begin);
  return {};
}

// Waits for more output, a moment at most, and takes it in. An output that has ended is an error.
Result<void> BystanderProcess::wait_for_news(SteadyTime deadline, const std::stop_token& stop) {
  if (stop.stop_requested()) return fail(ErrorKind::cancelled, "interrupted");
  if (!output_fd_) return pass_on(ended_error());
  if (std::chrono::steady_clock::now() >= deadline)
    return fail(ErrorKind::timeout, "the bystander does not answer");
  pollfd fds[2] = {{output_fd_.get(), POLLIN, 0}, {errors_fd_.get(), POLLIN, 0}};
  ::poll(fds, 2, static_cast<int>(kStopPoll.count()));
  return read_lines();
}

std::vector<BystanderReport> BystanderProcess::take() { return std::exchange(reports_, {}); }

Result<std::vector<BystanderReport>> BystanderProcess::take_samples() {
  DF_TRY(read_lines());
  if (!output_fd_ && reports_.empty()) return pass_on(ended_error());
  return take();
}

Result<std::vector<BystanderReport>> BystanderProcess::take_samples_until_now(const std::stop_token& stop) {
  // A child that has ended is seen by its output, not by this write: SIGPIPE is ignored in this program.
  ++marks_asked_;
  [[maybe_unused]] const ssize_t written = ::write(input_fd_.get(), "\n", 1);
  const auto deadline = std::chrono::steady_clock::now() + kMarkTimeout;
  while (marks_seen_ < marks_asked_) DF_TRY(wait_for_news(deadline, stop));
  return take();
}

Result<std::vector<BystanderReport>> BystanderProcess::take_samples_for(Nanoseconds duration,
                                                                        const std::stop_token& stop) {
  const auto until = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < until) DF_TRY(wait_for_news(SteadyTime::max(), stop));
  return take_samples_until_now(stop);
}

Result<std::vector<BystanderReport>> BystanderProcess::stop() {
  input_fd_.reset();
  const auto deadline = std::chrono::steady_clock::now() + kEndTimeout;
  while (output_fd_) DF_TRY(wait_for_news(deadline, {}));
  end();
  if (exit_status_ != 0) return pass_on(ended_error());
  return take();
}

bool BystanderProcess::wait_for_end(milliseconds timeout) {
  if (exit_status_) return true;
  const auto fd = process_fd(pid_);
  if (fd) {
    pollfd ended{fd->get(), POLLIN, 0};
    ::poll(&ended, 1, static_cast<int>(timeout.count()));
  }
  exit_status_ = exit_status_unreaped(pid_);
  return exit_status_.has_value();
}

void BystanderProcess::end() {
  if (output_fd_ && !exit_status_) ::kill(pid_, SIGTERM);
  if (wait_for_end(kGraceAfterTerm)) return;
  ::kill(pid_, SIGKILL);
  wait_for_end(kGraceAfterTerm);
}

Error BystanderProcess::ended_error() {
  end();
  const std::string reason = trimmed(errors_);
  return Error{ErrorKind::io,
               fmt::format("the bystander ended with status {}{}{}", exit_status_.value_or(-1),
                           reason.empty() ? "" : ": ", reason),
               {}};
}

}  // namespace depthfinder
