// SPDX-License-Identifier: MIT
#include "harness/host_profile.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sstream>

#include <sys/utsname.h>
#include <unistd.h>

#include "restore_core/base/file.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

constexpr std::string_view kFlagsOfInterest[] = {"ssse3",     "sse4_1",     "avx",       "avx2",
                                                 "avx512f",   "sha_ni",     "aes",       "vaes",
                                                 "pclmulqdq", "vpclmulqdq", "hypervisor"};

std::string small_file(const char* path) {
  const auto bytes = read_file(path, 4 << 20);
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

std::string first_word(const std::string& text) { return text.substr(0, text.find_first_of(" \n")); }

// The value of the first "key : value" line of /proc/cpuinfo.
std::string cpuinfo_value(const std::string& cpuinfo, std::string_view key) {
  std::istringstream lines(cpuinfo);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

std::vector<std::string> flags_of_interest(const std::string& cpuinfo) {
  std::istringstream words(cpuinfo_value(cpuinfo, "flags"));
  std::vector<std::string> found;
  for (std::string word; words >> word;)
    if (std::find(std::begin(kFlagsOfInterest), std::end(kFlagsOfInterest), word) !=
        std::end(kFlagsOfInterest))
      found.push_back(word);
  return found;
}

std::string virtualisation(const std::string& cpuinfo) {
  if (cpuinfo.empty()) return {};
  const std::string type = small_file("/sys/hypervisor/type");
  if (!type.empty()) return first_word(type);
  return cpuinfo_value(cpuinfo, "flags").find(" hypervisor") != std::string::npos ? "hypervisor" : "none";
}

}  // namespace

HostInfo host_info() {
  HostInfo host;
  const std::string cpuinfo = small_file("/proc/cpuinfo");
  host.cpu_model = cpuinfo_value(cpuinfo, "model name");
  host.logical_cpus = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  host.memory_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                      static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
  utsname names{};
  if (::uname(&names) == 0) host.kernel = std::string(names.sysname) + " " + names.release;
  host.cpu_flags = flags_of_interest(cpuinfo);
  host.openssl_cpu_settings = openssl_cpu_settings();
  double load[1] = {0};
  if (::getloadavg(load, 1) == 1) host.load_average_1m = load[0];
  host.virtualisation = virtualisation(cpuinfo);
  host.governor = first_word(small_file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
  return host;
}

bool host_has_sha_ni(const HostInfo& host) {
  return std::find(host.cpu_flags.begin(), host.cpu_flags.end(), "sha_ni") != host.cpu_flags.end();
}

}  // namespace depthfinder
