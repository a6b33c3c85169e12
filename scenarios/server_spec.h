// SPDX-License-Identifier: MIT
// ServerSpec: how a mock server behaves, as data: its times, its link, its bad days. A plain value that a scenario
// file's "server" object and the flags of `serve` describe in the same words (server_spec_loader.h) and from which the
// mock builds its models; the formulas stand with those (mock_server/model/README.md). It knows no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "restore_core/base/clock.h"

namespace depthfinder {

inline constexpr std::uint64_t kChunkBytes = 4ULL << 20;  // of every image that a PBS has made

// Distributions of a duration.
struct ConstantTime {
  Nanoseconds value{0};
  friend bool operator==(const ConstantTime&, const ConstantTime&) = default;
};
struct UniformTime {
  Nanoseconds min{0}, max{0};
  friend bool operator==(const UniformTime&, const UniformTime&) = default;
};
struct ExponentialTime {
  Nanoseconds mean{0};
  friend bool operator==(const ExponentialTime&, const ExponentialTime&) = default;
};
struct LogNormalTime {
  Nanoseconds median{0};
  double sigma = 0;  // of the natural logarithm
  friend bool operator==(const LogNormalTime&, const LogNormalTime&) = default;
};
struct ParetoTime {  // bounded
  Nanoseconds min{0}, max{0};
  double alpha = 1;
  friend bool operator==(const ParetoTime&, const ParetoTime&) = default;
};
// The quantile function as points (share 0..1, duration), both rising, the first share 0 and the last 1; linear between.
struct RecordedTime {
  std::vector<std::pair<double, Nanoseconds>> quantiles;
  friend bool operator==(const RecordedTime&, const RecordedTime&) = default;
};
using TimeDistribution =
    std::variant<ConstantTime, UniformTime, ExponentialTime, LogNormalTime, ParetoTime, RecordedTime>;

// Storage as one queue in front of `servers` equal servers.
struct StorageSpec {
  int servers = 1;
  TimeDistribution time;        // of one request
  double rate_bytes_per_s = 0;  // of one server, added as bytes / rate; 0: no limit
  friend bool operator==(const StorageSpec&, const StorageSpec&) = default;
};

// Spinning disks: a chunk lies on one of them.
struct DiskSpec {
  enum class Layout { sequential, scattered };
  Layout layout = Layout::sequential;  // chunks in index order, or anywhere
  int disks = 1;
  double rate_bytes_per_s = 150e6;  // of one disk, reading on
  Nanoseconds settle = std::chrono::milliseconds(1);
  Nanoseconds stroke = std::chrono::milliseconds(18);  // the longest seek
  Nanoseconds rotation = std::chrono::microseconds(8333);
  int reads = 4;                       // that a chunk takes
  std::uint64_t span_chunks = 262144;  // that fit on a disk: 1 TiB of 4 MiB
  friend bool operator==(const DiskSpec&, const DiskSpec&) = default;
};

// In front of storage: a hit costs `time` only.
struct CacheSpec {
  double hit_share = 0;          // either: of the requests, at random
  std::uint64_t size_bytes = 0;  // or: the least recently used goes
  bool warm = false;             // with a size: what is read first is there until the size is used up
  Nanoseconds time{0};
  friend bool operator==(const CacheSpec&, const CacheSpec&) = default;
};

// A token bucket of requests, as object stores have.
struct RequestLimitSpec {
  double per_second = 0;
  double burst = 1;
  friend bool operator==(const RequestLimitSpec&, const RequestLimitSpec&) = default;
};

// Latency that grows with the requests in flight beyond `free`.
struct LoadSpec {
  int free = 0;
  Nanoseconds per_request{0};
  friend bool operator==(const LoadSpec&, const LoadSpec&) = default;
};

enum class FaultKind {
  status,            // an HTTP error instead of the chunk
  connection_reset,  // TCP reset in the middle of the body
  stream_reset,      // RST_STREAM in the middle of the body
  goaway,            // GOAWAY that leaves this request out
  stall,             // half of the body, then nothing for `duration`
  drip,              // the body at `rate_bytes_per_s`
  truncate,          // half of the blob, as from a file cut short
  flip_payload,      // one bit of the body
  flip_crc,          // one bit of the stored CRC
  wrong_chunk,       // a valid blob of another chunk of the image
  missing,           // the chunk's file is gone
  expired_ticket,    // every ticket given so far becomes invalid and the connection ends
  tls_alert          // a fatal TLS alert ends the connection
};

enum class FaultOn { chunk, index, manifest };  // what is asked for

// What goes wrong, and with which requests: those that meet every condition given.
struct FaultSpec {
  using Range = std::pair<std::uint64_t, std::uint64_t>;  // first, last

  FaultKind kind = FaultKind::status;
  int status = 503;
  Nanoseconds duration{0};
  double rate_bytes_per_s = 0;
  FaultOn on = FaultOn::chunk;

  double share = 1;                // of the requests that meet the others, at random
  std::string digest;              // lower-case hex, how it begins
  std::optional<Range> requests;   // the server's requests for such, counted from 1
  std::optional<Range> positions;  // the chunk's first place in the index, counted from 0
  Nanoseconds after{0};            // since the first chunk request
  std::optional<Nanoseconds> until;
  std::optional<std::uint64_t> times;  // at most so often
  friend bool operator==(const FaultSpec&, const FaultSpec&) = default;
};

struct ServerSpec {
  Nanoseconds latency{0};  // round trip, per request
  Nanoseconds jitter{0};   // added to it or taken from it, uniformly; at most the latency
  Nanoseconds connect{0};  // before a new connection's TLS handshake
  std::optional<StorageSpec> storage;
  std::optional<DiskSpec> disk;
  std::optional<CacheSpec> cache;
  std::optional<RequestLimitSpec> request_limit;
  std::optional<TimeDistribution> first_byte;  // as object stores have: no queue
  std::optional<LoadSpec> load;
  std::vector<Nanoseconds>
      replay;  // waits recorded elsewhere, in their order, instead of all the above but `connect`
  double rate_bytes_per_s = 0;             // of the link that all connections share; 0: no limit
  double connection_rate_bytes_per_s = 0;  // of each connection; 0: no limit
  std::vector<FaultSpec> faults;           // the first that applies
  std::uint64_t seed = 1;                  // of everything random above
  friend bool operator==(const ServerSpec&, const ServerSpec&) = default;
};

}  // namespace depthfinder
