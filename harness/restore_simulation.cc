// SPDX-License-Identifier: MIT
#include "harness/restore_simulation.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>

#include "harness/machine_noise.h"
#include "mock_server/datastore/synthetic_plan.h"
#include "mock_server/model/fault_plan.h"
#include "mock_server/model/link_path.h"
#include "mock_server/model/time_model.h"
#include "restore_core/base/check.h"

namespace depthfinder {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kChunkBytes = 4ULL << 20;
constexpr std::uint64_t kSlices = 8;  // that a blob crosses the link in, streams of a connection in turns
constexpr Nanoseconds kReconnectWait = 100ms;  // before a failed connection is opened again
constexpr Nanoseconds kWriteTime = 50us;       // to a target that takes no time

Digest content_digest(std::uint64_t content) {
  Random random(content + 1);
  Digest digest{};
  for (auto& byte : digest) byte = static_cast<std::uint8_t>(random.next());
  return digest;
}

struct Chunk {
  std::uint64_t position = 0;
  std::uint64_t content = 0;
  std::size_t connection = 0;
  std::uint64_t remaining = 0;  // of its blob, on the wire
  std::uint64_t fails_at = 0;   // the connection fails when so much remains; its blob's length: before it
  std::uint64_t stalls_at = 0;  // the body rests when so much remains
  Nanoseconds stall{0};
  bool fails = false;
  std::uint64_t attempt = 0;
  bool arrived = false;
};

struct Connection {
  std::unique_ptr<mock::LinkPath> path;
  std::deque<std::size_t> sending;  // indexes of chunks, served in turns
  bool busy = false;
  bool down = false;
  int outstanding = 0;
};

enum class EventKind { request, body, slice_sent, decoded, written, reconnected, changed };

struct Event {
  TimePoint at;
  std::uint64_t order;  // of scheduling: breaks ties
  EventKind kind;
  std::size_t index = 0;      // of the chunk, the connection or the change
  std::uint64_t attempt = 0;  // of the chunk; others are stale
  bool operator>(const Event& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
};

// Sums over one window, or over the run.
struct Sums {
  double time_s = 0, slots = 0, blobs = 0, ready = 0, decoding = 0, decoders = 0, writing = 0, depth = 0;
  int completions = 0;
  int errors = 0;
};

class Simulation {
 public:
  Simulation(const SimulatedCase& simulated, std::optional<DepthController> controller, int depth,
             int threads);
  SimulatedRun run();

 private:
  void use(const ServerSpec& server);
  void at(Nanoseconds delay, EventKind kind, std::size_t index);
  void pass_time_until(TimePoint until);
  void handle(const Event& event);
  void fill();
  void request(std::size_t index);
  void send(std::size_t connection);
  void slice_sent(std::size_t connection);
  void fail_connection(std::size_t connection);
  void arrived(std::size_t index);
  void start_decoding();
  void start_writing();
  void complete();
  void close_window();
  [[nodiscard]] Nanoseconds decode_time();
  [[nodiscard]] Nanoseconds write_time() const;

  const SimulatedCase& simulated_;
  std::optional<DepthController> controller_;
  int depth_, threads_;
  MachineNoise noise_;
  Random random_;
  ServerSpec server_;
  std::unique_ptr<mock::TimeModel> times_;
  std::unique_ptr<mock::FaultPlan> faults_;
  std::unique_ptr<mock::SharedLink> link_;
  std::vector<Connection> connections_;

  std::vector<Chunk> chunks_;
  std::size_t next_chunk_ = 0, done_ = 0;
  std::uint64_t ordinal_ = 0, scheduled_ = 0, blob_bytes_ = 0;
  int in_use_ = 0, outstanding_ = 0, decoding_ = 0, writing_ = 0;
  std::deque<std::size_t> blobs_, ready_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  TimePoint begin_ = TimePoint(1h), now_ = begin_;  // the ideal machine's
  double elapsed_s_ = 0;                            // the real one's
  Sums window_, all_;
  SimulatedRun result_;
};

Simulation::Simulation(const SimulatedCase& simulated, std::optional<DepthController> controller, int depth,
                       int threads)
    : simulated_(simulated),
      controller_(std::move(controller)),
      depth_(controller_ ? controller_->depth() : depth),
      threads_(controller_ ? controller_->threads() : threads),
      noise_(simulated.client.noise_sigma, simulated.client.noise_memory, mix_seed(simulated.seed, 1)),
      random_(mix_seed(simulated.seed, 2)),
      connections_(static_cast<std::size_t>(simulated.client.connections)) {
  const ImageSpec& image = simulated.image;
  const mock::SyntheticPlan plan(
      {image.size_bytes, image.zeros, image.duplicates, image.compress, image.seed});
  for (std::size_t position = 0; position < plan.chunk_count(); ++position)
    if (plan.content_at(position) != mock::kZeroContent)
      chunks_.push_back({.position = position, .content = plan.content_at(position)});
  blob_bytes_ = static_cast<std::uint64_t>(static_cast<double>(kChunkBytes) / std::max(1.0, image.compress));
  ServerSpec server = simulated.server;
  server.seed = mix_seed(server.seed, simulated.seed);
  use(server);
}

void Simulation::use(const ServerSpec& server) {
  server_ = server;
  times_ = std::make_unique<mock::TimeModel>(server_);
  faults_ = std::make_unique<mock::FaultPlan>(server_.faults, server_.seed);
  link_ = std::make_unique<mock::SharedLink>(server_.rate_bytes_per_s);
  double own = simulated_.client.connection_rate_bytes_per_s;
  if (server_.connection_rate_bytes_per_s > 0) own = std::min(own, server_.connection_rate_bytes_per_s);
  for (Connection& connection : connections_) connection.path = std::make_unique<mock::LinkPath>(*link_, own);
}

void Simulation::at(Nanoseconds delay, EventKind kind, std::size_t index) {
  const bool of_chunk = kind == EventKind::request || kind == EventKind::body;
  events_.push({now_ + delay, ++scheduled_, kind, index, of_chunk ? chunks_[index].attempt : 0});
}

void Simulation::pass_time_until(TimePoint until) {
  const double real_s = noise_.pass(to_seconds(until - now_));
  now_ = until;
  elapsed_s_ += real_s;
  for (Sums* sums : {&window_, &all_}) {
    sums->time_s += real_s;
    sums->slots += real_s * in_use_;
    sums->blobs += real_s * static_cast<double>(blobs_.size());
    sums->ready += real_s * static_cast<double>(ready_.size());
    sums->decoding += real_s * decoding_;
    sums->decoders += real_s * threads_;
    sums->writing += real_s * writing_;
    sums->depth += real_s * depth_;
  }
}

SimulatedRun Simulation::run() {
  for (std::size_t i = 0; i < simulated_.changes.size(); ++i)
    at(simulated_.changes[i].at, EventKind::changed, i);
  pass_time_until(now_ + simulated_.server.connect);
  fill();
  while (done_ < chunks_.size()) {
    DF_CHECK(!events_.empty());
    const Event event = events_.top();
    events_.pop();
    pass_time_until(event.at);
    handle(event);
  }
  result_.duration = from_seconds(elapsed_s_);
  result_.goodput_bytes_per_s = static_cast<double>(chunks_.size() * kChunkBytes) / elapsed_s_;
  result_.depth_mean = all_.depth / all_.time_s;
  return std::move(result_);
}

void Simulation::handle(const Event& event) {
  switch (event.kind) {
    case EventKind::request:
      if (event.attempt == chunks_[event.index].attempt) request(event.index);
      break;
    case EventKind::body:
      if (event.attempt != chunks_[event.index].attempt) break;
      connections_[chunks_[event.index].connection].sending.push_back(event.index);
      send(chunks_[event.index].connection);
      break;
    case EventKind::slice_sent:
      slice_sent(event.index);
      break;
    case EventKind::decoded:
      --decoding_;
      ready_.push_back(event.index);
      start_writing();
      start_decoding();
      break;
    case EventKind::written:
      --writing_;
      complete();
      start_writing();
      break;
    case EventKind::reconnected:
      connections_[event.index].down = false;
      for (std::size_t i = 0; i < next_chunk_; ++i)
        if (chunks_[i].connection == event.index && !chunks_[i].arrived) request(i);
      break;
    case EventKind::changed: {
      ServerSpec server = simulated_.changes[event.index].server;
      server.seed = server_.seed;
      use(server);
      break;
    }
  }
}

void Simulation::fill() {
  while (in_use_ < depth_ && next_chunk_ < chunks_.size()) {
    const std::size_t index = next_chunk_++;
    ++in_use_;
    const auto least =
        std::min_element(connections_.begin(), connections_.end(),
                         [](const auto& a, const auto& b) { return a.outstanding < b.outstanding; });
    ++least->outstanding;
    chunks_[index].connection = static_cast<std::size_t>(least - connections_.begin());
    request(index);
  }
}

void Simulation::request(std::size_t index) {
  Chunk& chunk = chunks_[index];
  if (connections_[chunk.connection].down) return;  // asked for once it is up again
  ++outstanding_;
  const mock::RequestInfo info{.ordinal = ++ordinal_,
                               .bytes = blob_bytes_,
                               .in_flight = static_cast<std::uint64_t>(outstanding_),
                               .position = chunk.position,
                               .place = chunk.content,
                               .digest = content_digest(chunk.content)};
  chunk.remaining = blob_bytes_;
  chunk.fails = false;
  chunk.stall = 0ns;
  if (const FaultSpec* fault = faults_->decide(info, now_ - begin_)) {
    chunk.fails = fault->kind != FaultKind::stall;
    chunk.fails_at = fault->kind == FaultKind::status ? blob_bytes_ : blob_bytes_ / 2;
    if (!chunk.fails) {
      chunk.stalls_at = blob_bytes_ / 2;
      chunk.stall = fault->duration;
    }
  }
  at(times_->chunk(info, now_).ready - now_, EventKind::body, index);
}

// One slice of the connection's next stream; a stream takes turns with the others.
void Simulation::send(std::size_t number) {
  Connection& connection = connections_[number];
  if (connection.busy || connection.sending.empty()) return;
  const std::size_t index = connection.sending.front();
  Chunk& chunk = chunks_[index];
  if (chunk.fails && chunk.remaining <= chunk.fails_at) return fail_connection(number);
  if (chunk.stall > 0ns && chunk.remaining <= chunk.stalls_at) {
    connection.sending.pop_front();
    at(std::exchange(chunk.stall, 0ns), EventKind::body, index);
    return send(number);
  }
  const std::uint64_t bytes =
      std::min(chunk.remaining, std::max(blob_bytes_ / kSlices, connection.path->slice_bytes()));
  chunk.remaining -= bytes;
  connection.busy = true;
  at(connection.path->reserve(now_, now_, bytes) - now_, EventKind::slice_sent, number);
}

void Simulation::slice_sent(std::size_t number) {
  Connection& connection = connections_[number];
  connection.busy = false;
  if (connection.sending.empty()) return;  // it failed meanwhile
  const std::size_t index = connection.sending.front();
  connection.sending.pop_front();
  if (chunks_[index].remaining > 0) {
    connection.sending.push_back(index);
  } else {
    arrived(index);
  }
  send(number);
}

// Everything that the connection had in flight is asked for again on the next one.
void Simulation::fail_connection(std::size_t number) {
  Connection& connection = connections_[number];
  connection.sending.clear();
  connection.down = true;
  for (std::size_t i = 0; i < next_chunk_; ++i) {
    Chunk& chunk = chunks_[i];
    if (chunk.connection != number || chunk.arrived) continue;
    ++chunk.attempt;
    --outstanding_;
    ++window_.errors;
  }
  at(kReconnectWait + server_.connect + 3 * server_.latency, EventKind::reconnected, number);
}

void Simulation::arrived(std::size_t index) {
  chunks_[index].arrived = true;
  --outstanding_;
  --connections_[chunks_[index].connection].outstanding;
  blobs_.push_back(index);
  start_decoding();
}

Nanoseconds Simulation::decode_time() {
  const SimulatedClient& client = simulated_.client;
  const auto bytes = static_cast<double>(kChunkBytes);
  double seconds = bytes / client.hash_rate_bytes_per_s;
  if (simulated_.image.compress > 1) seconds += bytes / client.decompress_rate_bytes_per_s;
  if (simulated_.image.encrypt) seconds += static_cast<double>(blob_bytes_) / client.decrypt_rate_bytes_per_s;
  return from_seconds(seconds * (1 + client.decode_spread * (random_.uniform() - 0.5)));
}

void Simulation::start_decoding() {
  while (decoding_ < threads_ && !blobs_.empty()) {
    ++decoding_;
    at(decode_time(), EventKind::decoded, blobs_.front());
    blobs_.pop_front();
  }
}

Nanoseconds Simulation::write_time() const {
  const TargetSpec& target = simulated_.target;
  Nanoseconds time = kWriteTime + target.latency;
  if (target.rate_bytes_per_s > 0)
    time += from_seconds(static_cast<double>(kChunkBytes) / target.rate_bytes_per_s);
  return time;
}

void Simulation::start_writing() {
  while (writing_ < simulated_.client.writers && !ready_.empty()) {
    ++writing_;
    at(write_time(), EventKind::written, ready_.front());
    ready_.pop_front();
  }
}

void Simulation::complete() {
  ++done_;
  --in_use_;
  ++window_.completions;
  if (controller_ && controller_->window_complete(window_.completions, from_seconds(window_.time_s)))
    close_window();
  fill();
}

void Simulation::close_window() {
  const Sums& sums = window_;
  DepthSample sample;
  sample.time = from_seconds(elapsed_s_);
  sample.window = from_seconds(sums.time_s);
  sample.completions = sums.completions;
  sample.goodput_bytes = static_cast<std::uint64_t>(sums.completions) * kChunkBytes;
  sample.errors = sums.errors;
  sample.writer_busy_share = sums.writing / sums.time_s / simulated_.client.writers;
  sample.decode_busy_share = sums.decoding / sums.decoders;
  sample.blobs_waiting_mean = sums.blobs / sums.time_s;
  sample.ready_waiting_mean = sums.ready / sums.time_s;
  sample.chunks_left = chunks_.size() - next_chunk_;
  sample.slots_in_use_mean = sums.slots / sums.time_s;
  const double rate = static_cast<double>(sample.goodput_bytes) / sums.time_s;
  SimulatedWindow window{sample.time, sample.window, depth_, threads_, rate, controller_->decide(sample)};
  depth_ = window.decision.depth;
  threads_ = window.decision.threads;
  result_.windows.push_back(std::move(window));
  window_ = {};
  start_decoding();
}

}  // namespace

SimulatedRun simulate_fixed(const SimulatedCase& simulated, int depth, int threads) {
  return Simulation(simulated, std::nullopt, depth, threads).run();
}

SimulatedRun simulate_controlled(const SimulatedCase& simulated, const DepthLimits& limits) {
  return Simulation(simulated, DepthController(limits), 0, 0).run();
}

}  // namespace depthfinder
