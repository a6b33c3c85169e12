// SPDX-License-Identifier: MIT
#include "mock_server/protocol/reader_api.h"

#include <fmt/format.h>

#include "mock_server/protocol/parameters.h"
#include "restore_core/format/dynamic_index.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder::mock {

namespace {

constexpr std::size_t kReaderTargetBytesMax = 4096;
constexpr std::size_t kSpeedtestBytes = 1 << 20;

// The reason as the real server words it, which is the operating system's for a missing file.
std::string reason_of(const Error& error) {
  return error.kind == ErrorKind::not_found ? "No such file or directory (os error 2)" : error.message;
}

HttpAnswer without_parameters(const Target& target, HttpAnswer answer) {
  ParameterReader reader(target.parameters);
  auto refused = reader.refusal_if_any();
  return refused ? std::move(*refused) : std::move(answer);
}

HttpAnswer speedtest() {
  return {.content_type = kOctetStreamType, .blob = std::make_shared<const Bytes>(kSpeedtestBytes, 'A')};
}

HttpAnswer directory() {
  return {.content_type = kJsonType,
          .body = R"({"data":[{"subdir":"chunk"},{"subdir":"download"},{"subdir":"speedtest"}]})"};
}

}  // namespace

ReaderAnswer ReaderApi::answer(std::string_view method, std::string_view raw_target) {
  if (raw_target.size() > kReaderTargetBytesMax)
    return {refusal(414, fmt::format("the request target is longer than {} bytes", kReaderTargetBytesMax)),
            "invalid"};
  const Result<Target> target = parse_target(raw_target);
  if (!target) return {refusal(400, target.error().message), "invalid"};
  const std::string path = target->path();
  if (method == "GET") {
    if (path == "/chunk") return {chunk(*target), "/chunk", true};
    if (path == "/download") return {download(*target), "/download", true};
    if (path == "/speedtest") return {without_parameters(*target, speedtest()), "/speedtest"};
    if (path == "/") return {without_parameters(*target, directory()), "/"};
  }
  return {error_answer(404, fmt::format("Path '{}' not found.", path)), "unknown"};
}

std::string ReaderApi::file_path(std::string_view name) const {
  return fmt::format("{}/{}{}/{}", datastore_.path(), snapshot_.ns.to_path(), snapshot_.name.to_string(),
                     name);
}

HttpAnswer ReaderApi::download(const Target& target) {
  ParameterReader reader(target.parameters);
  const std::string name = reader.required("file-name", check_safe_id);
  if (auto refused = reader.refusal_if_any()) return std::move(*refused);
  const Result<ArchiveKind> kind = archive_kind(name);
  if (!kind) return error_answer(400, fmt::format("unknown archive type: \"{}\"", name));
  Result<SharedBlob> file = datastore_.file(snapshot_, name);
  if (*kind == ArchiveKind::blob) {
    if (!file && file.error().kind == ErrorKind::not_found)
      return error_answer(404, fmt::format("open file \"{}\" failed - not found", file_path(name)));
    if (!file)
      return error_answer(400,
                          fmt::format("open file \"{}\" failed - {}", file_path(name), file.error().message));
  } else {
    const bool fixed = *kind == ArchiveKind::fixed_index;
    const Result<void> opened = file ? register_digests(**file, fixed) : Result<void>(pass_on(file.error()));
    if (!opened)
      return error_answer(400, fmt::format("Unable to open {} index \"{}\" - {}", fixed ? "fixed" : "dynamic",
                                           file_path(name), reason_of(opened.error())));
  }
  return {.content_type = kOctetStreamType, .blob = std::move(*file), .streamed = true};
}

Result<void> ReaderApi::register_digests(ByteSpan index, bool fixed) {
  if (fixed) {
    DF_ASSIGN(const FixedIndex parsed, parse_fixed_index(index));
    registered_.insert(parsed.digests.begin(), parsed.digests.end());
  } else {
    DF_ASSIGN(const DynamicIndex parsed, parse_dynamic_index(index));
    for (const DynamicEntry& entry : parsed.entries) registered_.insert(entry.digest);
  }
  return {};
}

HttpAnswer ReaderApi::chunk(const Target& target) const {
  ParameterReader reader(target.parameters);
  const std::string hex = reader.required("digest", check_digest);
  if (auto refused = reader.refusal_if_any()) return std::move(*refused);
  const Digest digest = digest_from_hex(hex).value_or(Digest{});
  if (!registered_.contains(digest))
    return error_answer(401, fmt::format("download chunk {} not allowed", hex));
  Result<SharedBlob> blob = datastore_.chunk(digest);
  if (!blob)
    return error_answer(400, fmt::format("reading file \"{}/.chunks/{}/{}\" failed: {}", datastore_.path(),
                                         hex.substr(0, 4), hex, reason_of(blob.error())));
  return {.content_type = kOctetStreamType, .blob = std::move(*blob)};
}

}  // namespace depthfinder::mock
