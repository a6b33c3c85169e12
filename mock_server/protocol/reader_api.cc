// SPDX-License-Identifier: MIT
#include "mock_server/protocol/reader_api.h"

#include <fmt/format.h>

#include "mock_server/protocol/parameters.h"
#include "restore_core/format/dynamic_index.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"
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
  // One for all: clients may ask for thousands and read none.
  static const SharedBlob kBlob = std::make_shared<const Bytes>(kSpeedtestBytes, 'A');
  return {.content_type = kOctetStreamType, .blob = kBlob};
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
    if (path == "/chunk") return chunk(*target);
    if (path == "/download") return download_or_refuse(*target);
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

ReaderAnswer ReaderApi::download_or_refuse(const Target& target) {
  ReaderAnswer result{.answer = download(target), .route = "/download", .is_content = true};
  if (!result.answer.blob) return result;
  ParameterReader reader(target.parameters);
  const std::string name = reader.required("file-name", check_safe_id);
  if (name == kManifestName)
    result.file = FaultOn::manifest;
  else if (const auto kind = archive_kind(name); kind && *kind != ArchiveKind::blob)
    result.file = FaultOn::index;
  return result;
}

void ReaderApi::register_digest(const Digest& digest) {
  const ChunkRequest chunk{.digest = digest, .position = positions_++, .place = registered_.size()};
  if (!registered_.emplace(digest, chunk).second) return;
  if (two_digests_.size() < 2) two_digests_.push_back(digest);
}

Result<void> ReaderApi::register_digests(ByteSpan index, bool fixed) {
  if (fixed) {
    DF_ASSIGN(const FixedIndex parsed, parse_fixed_index(index));
    for (const Digest& digest : parsed.digests) register_digest(digest);
  } else {
    DF_ASSIGN(const DynamicIndex parsed, parse_dynamic_index(index));
    for (const DynamicEntry& entry : parsed.entries) register_digest(entry.digest);
  }
  return {};
}

ReaderAnswer ReaderApi::chunk(const Target& target) const {
  ReaderAnswer result{.answer = {}, .route = "/chunk", .is_content = true, .chunk = {}};
  ParameterReader reader(target.parameters);
  const std::string hex = reader.required("digest", check_digest);
  if (auto refused = reader.refusal_if_any()) {
    result.answer = std::move(*refused);
    return result;
  }
  const Digest digest = digest_from_hex(hex).value_or(Digest{});
  const auto registered = registered_.find(digest);
  if (registered == registered_.end())
    result.answer = error_answer(401, fmt::format("download chunk {} not allowed", hex));
  else
    result.chunk = registered->second;
  return result;
}

HttpAnswer ReaderApi::chunk_answer(const Digest& digest, Result<SharedBlob> blob) const {
  if (blob) return {.content_type = kOctetStreamType, .blob = std::move(*blob)};
  const std::string hex = to_hex(digest);
  return error_answer(400, fmt::format("reading file \"{}/.chunks/{}/{}\" failed: {}", datastore_.path(),
                                       hex.substr(0, 4), hex, reason_of(blob.error())));
}

Digest ReaderApi::other_chunk(const Digest& digest) const {
  for (const Digest& other : two_digests_)
    if (other != digest) return other;
  return digest;
}

}  // namespace depthfinder::mock
