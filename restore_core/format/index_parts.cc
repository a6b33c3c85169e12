// SPDX-License-Identifier: MIT
#include "restore_core/format/index_parts.h"

#include <algorithm>

#include "restore_core/format/fixed_index.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
Result<IndexHeader> parse_index_header(ByteSpan bytes, const IndexMagic& magic, std::string_view kind) {
  if (bytes.size() < kIndexHeaderSize)
    return malformed(ErrorKind::corrupt, "index-too-short", "a {} index has at least {} bytes, got {}", kind,
                     kIndexHeaderSize, bytes.size());
  if (!std::equal(magic.begin(), magic.end(), bytes.begin()))
    return malformed(ErrorKind::corrupt, "index-magic", "no {} index: it starts with {}", kind,
                     to_hex(bytes.first(8)));
  IndexHeader header;
  std::copy_n(bytes.begin() + kUuidOffset, header.uuid.size(), header.uuid.begin());
  header.ctime_s = load_le<std::int64_t>(bytes, kCtimeOffset);
  std::copy_n(bytes.begin() + kChecksumOffset, header.checksum.size(), header.checksum.begin());
  header.table = bytes.subspan(kIndexHeaderSize);
  return header;
}

Result<void> check_stored_checksum(const IndexHeader& header) {
  const Digest computed = sha256(header.table);
  if (computed == header.checksum) return {};
  return malformed(ErrorKind::corrupt, "index-csum-header",
                   "the index is damaged: its table has the checksum {}, its header says {}",
                   to_hex(computed), to_hex(header.checksum));
}

Result<void> compare_with_manifest(const Digest& computed, std::uint64_t archive_bytes, const Digest& csum,
                                   std::uint64_t size_bytes) {
  if (computed != csum)
    return malformed(ErrorKind::corrupt, "index-csum-manifest",
                     "the index is not the one of the manifest: it has the checksum {}, the manifest says {}",
                     to_hex(computed), to_hex(csum));
  if (archive_bytes != size_bytes)
    return malformed(ErrorKind::corrupt, "index-size-manifest",
                     "the index is not the one of the manifest: it stands for {} bytes, the manifest says {}",
                     archive_bytes, size_bytes);
  return {};
}

}  // namespace depthfinder
