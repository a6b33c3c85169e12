// SPDX-License-Identifier: MIT
// ReaderApi: the routes of one reader session (pbs-protocol F.3): files of its snapshot, and the chunks that an index
// downloaded in this session names. It belongs to its connection's thread, blocks on nothing but the datastore, and
// knows nothing of HTTP/2.
#pragma once

#include <string_view>
#include <unordered_set>

#include "mock_server/datastore/datastore.h"
#include "mock_server/protocol/http_answer.h"
#include "mock_server/protocol/target.h"

namespace depthfinder::mock {

struct ReaderAnswer {
  HttpAnswer answer;
  std::string_view route;   // the route's fixed name, for the metrics
  bool is_content = false;  // a file or chunk request: the time model applies
};

class ReaderApi {
 public:
  ReaderApi(const Datastore& datastore, SnapshotId snapshot)
      : datastore_(datastore), snapshot_(std::move(snapshot)) {}

  ReaderAnswer answer(std::string_view method, std::string_view raw_target);

 private:
  HttpAnswer download(const Target& target);
  HttpAnswer chunk(const Target& target) const;
  Result<void> register_digests(ByteSpan index, bool fixed);
  [[nodiscard]] std::string file_path(std::string_view name) const;

  const Datastore& datastore_;
  const SnapshotId snapshot_;
  std::unordered_set<Digest, DigestHash> registered_;
};

}  // namespace depthfinder::mock
