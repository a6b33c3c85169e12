// SPDX-License-Identifier: MIT
// The SHA-256 that a restore of an archive must arrive at, found by restoring it straight from the store,
// with every check a client makes: manifest, index checksum, blob CRC, tag, digest, length. One thread, no
// engine: it is the reference that restores are compared with.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "mock_server/datastore/datastore.h"
#include "mock_server/datastore/snapshot_info.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder::mock {

// Of a *.fidx or *.didx the image, of a *.blob its decoded content. Absent when the snapshot is encrypted or
// signed with a key that was not given. Errors: not_found (no such archive), corrupt, io.
Result<std::optional<Digest>> image_sha256(const Datastore& store, const SnapshotId& snapshot,
                                           std::string_view archive, const CryptConfig* key);

// What describe_snapshots hashes in all before it leaves digests out: a store of terabytes must not delay a
// server.
inline constexpr std::uint64_t kDescribedBytesMax = 64ULL << 30;

// Every snapshot with the archives of its manifest and their sizes there; without the key the sizes come from
// the indexes. A snapshot that cannot be read is listed without archives, an archive that cannot be read
// without digest. Digests that the store knows cost nothing; the others are computed, in order, until
// `hash_bytes_max` is used up. Errors: io (the store cannot be listed).
Result<std::vector<SnapshotInfo>> describe_snapshots(const Datastore& store, const CryptConfig* key,
                                                     std::uint64_t hash_bytes_max = kDescribedBytesMax);

}  // namespace depthfinder::mock
