// SPDX-License-Identifier: MIT
#include "restore_core/format/dynamic_index.h"

#include <algorithm>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/index_parts.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

constexpr IndexMagic kDynamicIndexMagic = {0x1c, 0x91, 0x4e, 0xa5, 0x19, 0xba, 0xb3, 0xcd};
constexpr std::size_t kEndSize = sizeof(std::uint64_t);
constexpr std::size_t kEntrySize = kEndSize + std::tuple_size_v<Digest>;

DynamicEntry parse_entry(ByteSpan bytes) {
  DynamicEntry entry;
  entry.end_bytes = load_le<std::uint64_t>(bytes, 0);
  std::copy_n(bytes.begin() + kEndSize, entry.digest.size(), entry.digest.begin());
  return entry;
}

Result<void> check_entry(std::size_t position, std::uint64_t start_bytes, std::uint64_t end_bytes) {
  if (end_bytes <= start_bytes)
    return malformed(ErrorKind::corrupt, "didx-offsets",
                     "chunk {} of the index ends at {}, which is not after {}", position, end_bytes,
                     start_bytes);
  if (end_bytes - start_bytes > kChunkPayloadMax)
    return malformed(ErrorKind::corrupt, "didx-chunk-too-large",
                     "chunk {} of the index has {} bytes, at most {} are allowed", position,
                     end_bytes - start_bytes, kChunkPayloadMax);
  return {};
}

}  // namespace

std::uint64_t DynamicIndex::chunk_offset(std::size_t position) const {
  DF_CHECK(position < entries.size());
  return position == 0 ? 0 : entries[position - 1].end_bytes;
}

std::uint64_t DynamicIndex::chunk_length(std::size_t position) const {
  const std::uint64_t start_bytes = chunk_offset(position);
  return entries[position].end_bytes - start_bytes;
}

Digest DynamicIndex::checksum() const {
  Sha256 hash;
  std::array<std::uint8_t, kEndSize> end{};
  for (const DynamicEntry& entry : entries) {
    store_le(end, 0, entry.end_bytes);
    hash.update(end);
    hash.update(entry.digest);
  }
  return hash.finish();
}

Result<DynamicIndex> parse_dynamic_index(ByteSpan bytes) {
  DF_ASSIGN(const IndexHeader header, parse_index_header(bytes, kDynamicIndexMagic, "dynamic"));
  if (header.table.empty()) return malformed(ErrorKind::corrupt, "index-empty", "the index has no chunks");
  if (header.table.size() % kEntrySize != 0)
    return malformed(ErrorKind::corrupt, "index-table-size",
                     "the index' table of {} bytes is not in entries of {} bytes", header.table.size(),
                     kEntrySize);
  DynamicIndex index;
  index.uuid = header.uuid;
  index.ctime_s = header.ctime_s;
  index.entries.reserve(header.table.size() / kEntrySize);
  std::uint64_t start_bytes = 0;
  for (std::size_t offset = 0; offset < header.table.size(); offset += kEntrySize) {
    index.entries.push_back(parse_entry(header.table.subspan(offset, kEntrySize)));
    const std::uint64_t end_bytes = index.entries.back().end_bytes;
    DF_TRY(check_entry(index.entries.size() - 1, start_bytes, end_bytes));
    start_bytes = end_bytes;
  }
  DF_TRY(check_stored_checksum(header));
  return index;
}

Result<void> check_index_against_manifest(const DynamicIndex& index, const Digest& csum,
                                          std::uint64_t size_bytes) {
  return compare_with_manifest(index.checksum(), index.archive_bytes(), csum, size_bytes);
}

}  // namespace depthfinder
