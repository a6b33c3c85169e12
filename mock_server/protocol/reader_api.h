// SPDX-License-Identifier: MIT
// ReaderApi: the routes of one reader session (pbs-protocol F.3): files of its snapshot, and the chunks that an index
// downloaded in this session names. It belongs to its connection's thread, blocks on nothing but the datastore, and
// knows nothing of HTTP/2.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mock_server/datastore/datastore.h"
#include "mock_server/protocol/http_answer.h"
#include "mock_server/protocol/target.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

// A chunk that may be served: its blob is fetched later, by chunk_answer().
struct ChunkRequest {
  Digest digest{};
  std::uint64_t position = 0;  // its first place in the indexes downloaded in this session
  std::uint64_t place = 0;     // its rank among their distinct chunks
};

struct ReaderAnswer {
  HttpAnswer answer;                       // without a body where a chunk is to come
  std::string_view route;                  // the route's fixed name, for the metrics
  bool is_content = false;                 // a file or chunk request: the time model applies
  std::optional<ChunkRequest> chunk = {};  // set: a chunk is to come
  std::optional<FaultOn> file = {};        // set: the answer is an index or the manifest
};

class ReaderApi {
 public:
  ReaderApi(const Datastore& datastore, SnapshotId snapshot)
      : datastore_(datastore), snapshot_(std::move(snapshot)) {}

  ReaderAnswer answer(std::string_view method, std::string_view raw_target);

  // What the look-up of a chunk's blob becomes.
  [[nodiscard]] HttpAnswer chunk_answer(const Digest& digest, Result<SharedBlob> blob) const;
  // Another chunk of the indexes downloaded in this session; the same where there is no other.
  [[nodiscard]] Digest other_chunk(const Digest& digest) const;

 private:
  HttpAnswer download(const Target& target);
  ReaderAnswer download_or_refuse(const Target& target);
  [[nodiscard]] ReaderAnswer chunk(const Target& target) const;
  void register_digest(const Digest& digest);
  Result<void> register_digests(ByteSpan index, bool fixed);
  [[nodiscard]] std::string file_path(std::string_view name) const;

  const Datastore& datastore_;
  const SnapshotId snapshot_;
  std::unordered_map<Digest, ChunkRequest, DigestHash> registered_;
  std::uint64_t positions_ = 0;      // of all indexes so far
  std::vector<Digest> two_digests_;  // the first two that differ
};

}  // namespace depthfinder::mock
