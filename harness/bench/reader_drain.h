// SPDX-License-Identifier: MIT
// ReaderDrain: a reader session that asks for an image's chunks over and over, counts their bytes and throws them away:
// TLS, nghttp2 and nothing else. For benchmarks of servers. One thread owns it; any thread may read bytes().
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include <nghttp2/nghttp2.h>
#include <nlohmann/json_fwd.hpp>

#include "harness/bench/tls_drain.h"
#include "restore_core/format/fixed_index.h"

namespace depthfinder::bench {

// Where the chunks are; from `depthfinder serve`'s ready file.
struct DrainTarget {
  std::string host;
  std::uint16_t port = 0;
  std::string authorization, upgrade_target, archive;
};

// The first snapshot's first fixed index. Errors: bad_input.
Result<DrainTarget> drain_target(const nlohmann::json& ready);

class ReaderDrain {
 public:
  // Connects, upgrades and downloads the index. Errors: connection, protocol, io.
  static Result<std::unique_ptr<ReaderDrain>> open(const DrainTarget& target);

  // Keeps `depth` chunk requests in flight, in index order, as long as more(bytes so far) says so; then waits for the
  // last answers. Errors: connection, protocol (an answer that is no chunk of the length it announced).
  Result<void> drain(std::size_t depth, const std::function<bool(std::uint64_t)>& more);

  [[nodiscard]] std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }  // of bodies
  // Where in the index the next request is, so that connections need not all ask for the same chunks.
  void seek(std::size_t chunk) { next_chunk_ = chunk % chunk_count(); }
  [[nodiscard]] std::size_t chunk_count() const { return index_.digests.size(); }
  [[nodiscard]] std::string cipher() const { return tls_->cipher(); }

 private:
  struct Stream {
    int status = 0;
    std::uint64_t announced_bytes = 0, received_bytes = 0;
  };
  struct Callbacks;
  using Session = Handle<nghttp2_session, nghttp2_session_del>;

  ReaderDrain() = default;
  Result<void> upgrade(const DrainTarget& target);
  Result<void> start_http2();
  Result<void> download_index(const std::string& archive);
  Result<void> request(const std::string& path);
  Result<void> turn();  // sends what is to be sent, then receives once
  void finish(std::int32_t id, std::uint32_t error_code);

  std::unique_ptr<TlsDrain> tls_;
  Session session_;
  std::unordered_map<std::int32_t, Stream> streams_;
  FixedIndex index_;
  Bytes kept_;  // the body, while the index is downloaded
  bool keeps_ = false;
  std::size_t next_chunk_ = 0;
  std::string complaint_;
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace depthfinder::bench
