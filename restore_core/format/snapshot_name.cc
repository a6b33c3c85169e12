// SPDX-License-Identifier: MIT
#include "restore_core/format/snapshot_name.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

namespace depthfinder {
namespace {

constexpr std::size_t kNamespaceDepthMax = 7;
constexpr std::size_t kNamespaceBytesMax = 256;
constexpr std::size_t kFileNameBytesMax =
    255;  // of a namespace component, backup id or archive, as file systems have it

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'; }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<BackupType> parse_type(std::string_view text) {
  for (const BackupType type : {BackupType::vm, BackupType::ct, BackupType::host})
    if (text == backup_type_name(type)) return type;
  return std::nullopt;
}

std::string_view extension_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

struct ExtensionRule {
  std::string_view extension;
  std::string_view completion;
};

constexpr std::array<ExtensionRule, 12> kExtensionRules = {{{".fidx", ""},
                                                            {".didx", ""},
                                                            {".blob", ""},
                                                            {".pxar", ".didx"},
                                                            {".mpxar", ".didx"},
                                                            {".ppxar", ".didx"},
                                                            {".pcat1", ".didx"},
                                                            {".img", ".fidx"},
                                                            {".conf", ".blob"},
                                                            {".json", ".blob"},
                                                            {".key", ".blob"},
                                                            {".log", ".blob"}}};

// The text has the shape "dddd-dd-ddTdd:dd:ddZ", where d is a digit.
bool has_utc_shape(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
  return text.size() == kShape.size() &&
         std::equal(text.begin(), text.end(), kShape.begin(),
                    [](char c, char shape) { return shape == 'd' ? is_digit(c) : c == shape; });
}

int number_at(std::string_view text, std::size_t offset, std::size_t digits) {
  int value = 0;
  std::from_chars(text.data() + offset, text.data() + offset + digits, value);
  return value;
}

}  // namespace

std::string_view backup_type_name(BackupType type) {
  switch (type) {
    case BackupType::vm:
      return "vm";
    case BackupType::ct:
      return "ct";
    case BackupType::host:
      return "host";
  }
  return "unknown";
}

std::string SnapshotName::to_string() const {
  return fmt::format("{}/{}/{}", backup_type_name(type), id, format_utc(time_s));
}

bool is_snapshot_name(const SnapshotName& name) {
  return is_safe_id(name.id) && name.id.size() <= kFileNameBytesMax && name.time_s >= 1 &&
         name.time_s <= kSnapshotTimeMax;
}

Result<SnapshotName> parse_snapshot_name(std::string_view text) {
  const auto parts = split(text, '/');
  const auto type = parse_type(parts[0]);
  if (parts.size() != 3 || !type || !is_safe_id(parts[1]) || parts[1].size() > kFileNameBytesMax)
    return malformed(ErrorKind::bad_input, "snapshot-path",
                     "'{}' is no snapshot; one looks like vm/100/2024-05-17T08:00:00Z (type vm, ct or host)",
                     text);
  DF_ASSIGN(const std::int64_t time_s, parse_utc(parts[2]));
  if (time_s < 1)
    return malformed(ErrorKind::bad_input, "snapshot-path",
                     "snapshot '{}' is older than 1970-01-01T00:00:01Z", text);
  return SnapshotName{*type, std::string(parts[1]), time_s};
}

std::string Namespace::to_string() const {
  std::string text;
  for (const std::string& component : components) {
    if (!text.empty()) text += '/';
    text += component;
  }
  return text;
}

std::string Namespace::to_path() const {
  std::string path;
  for (const std::string& component : components) path += "ns/" + component + "/";
  return path;
}

Result<Namespace> parse_namespace(std::string_view text) {
  Namespace result;
  if (text.empty()) return result;
  const auto parts = split(text, '/');
  if (parts.size() > kNamespaceDepthMax || text.size() > kNamespaceBytesMax)
    return malformed(ErrorKind::bad_input, "namespace",
                     "namespace '{}' has {} levels and {} bytes; at most {} and {}", text, parts.size(),
                     text.size(), kNamespaceDepthMax, kNamespaceBytesMax);
  for (const std::string_view part : parts) {
    if (!is_safe_id(part) || part.size() > kFileNameBytesMax)
      return malformed(
          ErrorKind::bad_input, "namespace",
          "'{}' in namespace '{}' is no valid name: letters, digits, '_', '.' and '-', not first the "
          "latter two",
          part, text);
    result.components.emplace_back(part);
  }
  return result;
}

bool is_safe_id(std::string_view text) {
  return !text.empty() && is_word(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

Result<std::string> complete_archive_name(std::string_view text) {
  const std::string_view extension = extension_of(text);
  const auto rule =
      std::find_if(kExtensionRules.begin(), kExtensionRules.end(),
                   [&](const ExtensionRule& candidate) { return candidate.extension == extension; });
  const std::string name =
      rule == kExtensionRules.end() ? std::string() : fmt::format("{}{}", text, rule->completion);
  if (!is_safe_id(name) || name.size() > kFileNameBytesMax)
    return malformed(ErrorKind::bad_input, "archive-name",
                     "'{}' is no archive name; one ends in .fidx, .didx or .blob, like drive-scsi0.img.fidx",
                     text);
  return name;
}

Result<ArchiveKind> archive_kind(std::string_view name) {
  const std::string_view extension = extension_of(name);
  if (is_safe_id(name) && name.size() <= kFileNameBytesMax) {
    if (extension == ".fidx") return ArchiveKind::fixed_index;
    if (extension == ".didx") return ArchiveKind::dynamic_index;
    if (extension == ".blob") return ArchiveKind::blob;
  }
  return malformed(ErrorKind::bad_input, "archive-name",
                   "'{}' is no full archive name (NAME.fidx, .didx or .blob)", name);
}

std::string format_utc(std::int64_t time_s) {
  using namespace std::chrono;
  const sys_seconds time{seconds(time_s)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

Result<std::int64_t> parse_utc(std::string_view text) {
  using namespace std::chrono;
  const auto bad_time = [&] {
    return malformed(ErrorKind::bad_input, "snapshot-path", "'{}' is no UTC time like 2024-05-17T08:00:00Z",
                     text);
  };
  if (!has_utc_shape(text)) return bad_time();
  const year_month_day date(year(number_at(text, 0, 4)), month(static_cast<unsigned>(number_at(text, 5, 2))),
                            day(static_cast<unsigned>(number_at(text, 8, 2))));
  const int hour = number_at(text, 11, 2);
  const int minute = number_at(text, 14, 2);
  const int second = number_at(text, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return bad_time();
  return (sys_days(date) + hours(hour) + minutes(minute) + seconds(second)).time_since_epoch().count();
}

}  // namespace depthfinder
