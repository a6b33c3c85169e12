// SPDX-License-Identifier: MIT
#include "restore_core/format/fixed_index.h"

#include <algorithm>
#include <bit>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/index_parts.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

constexpr IndexMagic kFixedIndexMagic = {0x2f, 0x7f, 0x41, 0xed, 0x91, 0xfd, 0x0f, 0xcd};
constexpr std::size_t kImageBytesOffset = 64;
constexpr std::size_t kChunkSizeOffset = 72;
constexpr std::uint64_t kImageBytesMax = 1ULL << 63;  // so that size + chunk size cannot wrap
constexpr std::size_t kDigestSize = std::tuple_size_v<Digest>;

std::uint64_t chunks_for(std::uint64_t image_bytes, std::uint64_t chunk_size) {
  return image_bytes / chunk_size + (image_bytes % chunk_size != 0 ? 1 : 0);
}

Result<void> check_geometry(const FixedIndex& index, std::size_t table_bytes) {
  if (!std::has_single_bit(index.chunk_size) || index.chunk_size > kChunkPayloadMax)
    return malformed(ErrorKind::corrupt, "index-chunk-size",
                     "the index has a chunk size of {} bytes; it must be a power of two, at most {}",
                     index.chunk_size, kChunkPayloadMax);
  if (index.image_bytes == 0)
    return malformed(ErrorKind::corrupt, "index-empty", "the index is for an image of no bytes");
  if (index.image_bytes > kImageBytesMax)
    return malformed(ErrorKind::corrupt, "index-size-overflow",
                     "the index is for an image of {} bytes, at most {} can be", index.image_bytes,
                     kImageBytesMax);
  const std::uint64_t chunks = chunks_for(index.image_bytes, index.chunk_size);
  if (table_bytes % kDigestSize != 0 || table_bytes / kDigestSize != chunks)
    return malformed(ErrorKind::corrupt, "index-table-size",
                     "{} bytes in chunks of {} need {} digests, but the index has {} bytes of them",
                     index.image_bytes, index.chunk_size, chunks, table_bytes);
  return {};
}

ByteSpan table_of(const FixedIndex& index) {
  return {reinterpret_cast<const std::uint8_t*>(index.digests.data()), index.digests.size() * kDigestSize};
}

}  // namespace

std::uint64_t FixedIndex::chunk_length(std::size_t position) const {
  DF_CHECK(position < digests.size());
  return std::min(chunk_size, image_bytes - chunk_offset(position));
}

Digest FixedIndex::checksum() const { return sha256(table_of(*this)); }

Result<FixedIndex> parse_fixed_index(ByteSpan bytes) {
  DF_ASSIGN(const IndexHeader header, parse_index_header(bytes, kFixedIndexMagic, "fixed"));
  FixedIndex index;
  index.uuid = header.uuid;
  index.ctime_s = header.ctime_s;
  index.image_bytes = load_le<std::uint64_t>(bytes, kImageBytesOffset);
  index.chunk_size = load_le<std::uint64_t>(bytes, kChunkSizeOffset);
  DF_TRY(check_geometry(index, header.table.size()));
  DF_TRY(check_stored_checksum(header));
  index.digests.resize(header.table.size() / kDigestSize);
  std::memcpy(index.digests.data(), header.table.data(), header.table.size());
  return index;
}

Result<void> check_index_against_manifest(const FixedIndex& index, const Digest& csum,
                                          std::uint64_t size_bytes) {
  return compare_with_manifest(index.checksum(), index.image_bytes, csum, size_bytes);
}

Bytes write_fixed_index(const FixedIndex& index) {
  const ByteSpan table = table_of(index);
  Bytes bytes;
  bytes.reserve(kIndexHeaderSize + table.size());
  bytes.insert(bytes.end(), kFixedIndexMagic.begin(), kFixedIndexMagic.end());
  bytes.insert(bytes.end(), index.uuid.begin(), index.uuid.end());
  bytes.resize(kIndexHeaderSize);
  store_le(bytes, kCtimeOffset, index.ctime_s);
  const Digest checksum = index.checksum();
  std::copy(checksum.begin(), checksum.end(), bytes.begin() + kChecksumOffset);
  store_le(bytes, kImageBytesOffset, index.image_bytes);
  store_le(bytes, kChunkSizeOffset, index.chunk_size);
  bytes.insert(bytes.end(), table.begin(), table.end());
  return bytes;
}

}  // namespace depthfinder
