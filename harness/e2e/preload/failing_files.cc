// SPDX-License-Identifier: MIT
// failing_files: a library for LD_PRELOAD that makes a program's calls on some files fail, for the end-to-end tests. In its
// environment: DEPTHFINDER_FAULT_PATH, the beginning of the paths; DEPTHFINDER_FAULTS, such as "write@3=28 sync@1=5": from
// the third write on every one fails with errno 28. Calls are open (for writing), truncate, write, allocate, sync and
// rename; instead of an errno stands `short` (only half is written) or `eintr` (every other call). What happened is
// appended to DEPTHFINDER_FAULT_LOG, one call a line: name, offset, length, result. It does not see io_uring.
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

enum class Call { open, truncate, write, allocate, sync, rename };
constexpr std::array<std::string_view, 6> kNames{"open", "truncate", "write", "allocate", "sync", "rename"};

struct Verdict {
  int error_number = 0;
  bool cut = false;
};

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

class Faults {
 public:
  static Faults& get() {
    static Faults faults;
    return faults;
  }

  [[nodiscard]] bool watches(std::string_view path) const {
    return !prefix_.empty() && path.starts_with(prefix_);
  }
  [[nodiscard]] bool watches(int fd) const {
    if (prefix_.empty()) return false;
    std::array<char, 4096> path{};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t length = ::readlink(link.c_str(), path.data(), path.size());
    return length > 0 && watches(std::string_view(path.data(), static_cast<std::size_t>(length)));
  }

  Verdict next(Call call) {
    Rule& rule = rules_[static_cast<std::size_t>(call)];
    const unsigned long number = ++rule.calls;
    if (rule.from == 0 || number < rule.from) return {};
    if (rule.every_other) return {(number - rule.from) % 2 == 0 ? EINTR : 0, false};
    return {rule.error_number, rule.cut};
  }

  void note(Call call, long long offset, unsigned long long length, long long result) const {
    const int error_number = errno;
    std::array<char, 128> line{};
    const int bytes = std::snprintf(line.data(), line.size(), "%s %lld %llu %lld\n",
                                    kNames[static_cast<std::size_t>(call)].data(), offset, length,
                                    result < 0 ? -error_number : result);
    if (log_ >= 0)
      (void)!real<ssize_t(int, const void*, size_t)>("write")(log_, line.data(), static_cast<size_t>(bytes));
    errno = error_number;
  }

 private:
  struct Rule {
    std::atomic<unsigned long> calls{0};
    unsigned long from = 0;  // 0: never
    int error_number = 0;
    bool cut = false;
    bool every_other = false;
  };

  Faults() : prefix_(variable("DEPTHFINDER_FAULT_PATH")) {
    std::string text = variable("DEPTHFINDER_FAULTS");
    for (char* word = std::strtok(text.data(), " "); word != nullptr; word = std::strtok(nullptr, " "))
      add(word);
    if (const std::string log = variable("DEPTHFINDER_FAULT_LOG"); !log.empty())
      log_ = real<int(const char*, int, ...)>("open")(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                                                      0600);
  }

  static std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
  }

  void add(std::string_view word) {
    const std::size_t at = word.find('@');
    const std::size_t equals = word.find('=');
    if (at == std::string_view::npos || equals == std::string_view::npos) std::abort();
    const std::string_view what = word.substr(equals + 1);
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      if (kNames[i] != word.substr(0, at)) continue;
      rules_[i].from = std::strtoul(word.data() + at + 1, nullptr, 10);
      rules_[i].cut = what == "short";
      rules_[i].every_other = what == "eintr";
      rules_[i].error_number = std::atoi(what.data());
    }
  }

  std::string prefix_;
  std::array<Rule, kNames.size()> rules_{};
  int log_ = -1;
};

// `go` does it; for a write, with as many bytes as it is told.
template <typename Go>
auto judged(Call call, bool watched, long long offset, unsigned long long length, const Go& go)
    -> decltype(go(0UL)) {
  if (!watched) return go(length);
  const Verdict verdict = Faults::get().next(call);
  decltype(go(0UL)) result = -1;
  if (verdict.error_number != 0)
    errno = verdict.error_number;
  else
    result = go(verdict.cut && length > 1 ? length / 2 : length);
  Faults::get().note(call, offset, length, result);
  return result;
}

template <typename Go>
auto judged_file(Call call, int fd, long long offset, unsigned long long length, const Go& go) {
  return judged(call, Faults::get().watches(fd), offset, length, go);
}

int open_judged(const char* path, int flags, mode_t mode) {
  const bool writes = (flags & (O_WRONLY | O_RDWR)) != 0;
  return judged(Call::open, writes && Faults::get().watches(path), 0, 0,
                [&](unsigned long) { return real<int(const char*, int, ...)>("open")(path, flags, mode); });
}

mode_t mode_of(int flags, va_list rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_judged(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_judged(path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t length) {
  return judged_file(Call::write, fd, -1, length, [&](unsigned long count) {
    return real<ssize_t(int, const void*, size_t)>("write")(fd, bytes, count);
  });
}

ssize_t pwrite(int fd, const void* bytes, size_t length, off_t offset) {
  return judged_file(Call::write, fd, offset, length, [&](unsigned long count) {
    return real<ssize_t(int, const void*, size_t, off_t)>("pwrite")(fd, bytes, count, offset);
  });
}

ssize_t pwritev(int fd, const iovec* pieces, int count, off_t offset) {
  unsigned long length = 0;
  for (int i = 0; i < count; ++i) length += pieces[i].iov_len;
  return judged_file(Call::write, fd, offset, length, [&](unsigned long permitted) {
    if (permitted == length)
      return real<ssize_t(int, const iovec*, int, off_t)>("pwritev")(fd, pieces, count, offset);
    const size_t first = pieces[0].iov_len < permitted ? pieces[0].iov_len : permitted;
    return real<ssize_t(int, const void*, size_t, off_t)>("pwrite")(fd, pieces[0].iov_base, first, offset);
  });
}

int ftruncate(int fd, off_t length) noexcept {
  return judged_file(Call::truncate, fd, length, 0,
                     [&](unsigned long) { return real<int(int, off_t)>("ftruncate")(fd, length); });
}

int fallocate(int fd, int mode, off_t offset, off_t length) {
  return judged_file(Call::allocate, fd, offset, static_cast<unsigned long long>(length), [&](unsigned long) {
    return real<int(int, int, off_t, off_t)>("fallocate")(fd, mode, offset, length);
  });
}

int fsync(int fd) {
  return judged_file(Call::sync, fd, 0, 0, [&](unsigned long) { return real<int(int)>("fsync")(fd); });
}

int fdatasync(int fd) {
  return judged_file(Call::sync, fd, 0, 0, [&](unsigned long) { return real<int(int)>("fdatasync")(fd); });
}

int rename(const char* from, const char* to) noexcept {
  return judged(Call::rename, Faults::get().watches(to), 0, 0,
                [&](unsigned long) { return real<int(const char*, const char*)>("rename")(from, to); });
}

}  // extern "C"
