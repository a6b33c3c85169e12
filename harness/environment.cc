// SPDX-License-Identifier: MIT
#include "harness/environment.h"

#include <cstdlib>

#include "restore_core/base/units.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder {

std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Result<std::optional<int>> count_setting(std::string_view flag, const std::string& flag_value,
                                         const char* variable, int highest) {
  const auto limit = static_cast<std::uint64_t>(highest);
  if (!flag_value.empty()) {
    DF_ASSIGN(const std::uint64_t count, parse_count(flag, flag_value, 1, limit));
    return static_cast<int>(count);
  }
  if (const auto value = environment_variable(variable)) {
    DF_ASSIGN(const std::uint64_t count, parse_count(variable, *value, 1, limit));
    return static_cast<int>(count);
  }
  return std::optional<int>();
}

Result<Repository> repository_setting(const std::string& flag_value) {
  const auto variable = environment_variable("PBS_REPOSITORY");
  if (!flag_value.empty() || variable) {
    auto repository = parse_repository(flag_value.empty() ? *variable : flag_value);
    if (!repository)
      return pass_on(repository.error(), flag_value.empty() ? "PBS_REPOSITORY" : "--repository");
    return repository;
  }
  return fail(ErrorKind::bad_input,
              "no repository: give --repository USER@REALM@HOST:PORT:DATASTORE or set PBS_REPOSITORY");
}

Result<std::optional<Digest>> fingerprint_setting(const std::string& flag_value) {
  const auto text = flag_value.empty() ? environment_variable("PBS_FINGERPRINT") : flag_value;
  if (!text || text->empty()) return std::optional<Digest>();
  const auto fingerprint = parse_fingerprint(*text);
  if (!fingerprint)
    return pass_on(fingerprint.error(), flag_value.empty() ? "PBS_FINGERPRINT" : "--fingerprint");
  return *fingerprint;
}

}  // namespace depthfinder
