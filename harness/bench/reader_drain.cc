// SPDX-License-Identifier: MIT
#include "harness/bench/reader_drain.h"

#include <array>

#include <nlohmann/json.hpp>

#include "restore_core/format/snapshot_name.h"

namespace depthfinder::bench {

namespace {

constexpr std::uint32_t kWindowBytes = 2147483646;
constexpr std::uint32_t kFrameBytesMax = 4 << 20;

using CallbackTable = Handle<nghttp2_session_callbacks, nghttp2_session_callbacks_del>;

nghttp2_nv field(std::string_view name, std::string_view value) {
  // nghttp2 copies both and writes to neither.
  return {const_cast<std::uint8_t*>(as_bytes(name).data()), const_cast<std::uint8_t*>(as_bytes(value).data()),
          name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

Result<void> checked(ssize_t code, const char* doing) {
  if (code < 0) return fail(ErrorKind::protocol, "{}: {}", doing, nghttp2_strerror(static_cast<int>(code)));
  return {};
}

}  // namespace

struct ReaderDrain::Callbacks {
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_length, const std::uint8_t* value, std::size_t value_length,
                    std::uint8_t, void* self) {
    Stream& stream = static_cast<ReaderDrain*>(self)->streams_[frame->hd.stream_id];
    const std::string text(as_text({value, value_length}));
    if (as_text({name, name_length}) == ":status") stream.status = std::atoi(text.c_str());
    if (as_text({name, name_length}) == "content-length")
      stream.announced_bytes = std::strtoull(text.c_str(), nullptr, 10);
    return 0;
  }
  static int data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                  std::size_t count, void* user_data) {
    auto& self = *static_cast<ReaderDrain*>(user_data);
    self.streams_[id].received_bytes += count;
    self.bytes_.store(self.bytes() + count, std::memory_order_relaxed);
    if (self.keeps_) self.kept_.insert(self.kept_.end(), bytes, bytes + count);
    return 0;
  }
  static int stream_close(nghttp2_session*, std::int32_t id, std::uint32_t error_code, void* self) {
    static_cast<ReaderDrain*>(self)->finish(id, error_code);
    return 0;
  }
};

Result<DrainTarget> drain_target(const nlohmann::json& ready) {
  try {
    const auto& snapshot = ready.at("snapshots").at(0);
    DF_ASSIGN(const SnapshotName name, parse_snapshot_name(snapshot.at("snapshot").get<std::string>()));
    const std::string store = ready.at("datastore");
    DrainTarget target;
    target.host = ready.at("host");
    target.port = ready.at("port");
    target.authorization =
        fmt::format("PBSAPIToken {}!{}:{}", ready.at("auth_id").get<std::string>(),
                    ready.at("token_name").get<std::string>(), ready.at("token_secret").get<std::string>());
    const std::string path = name.to_string();
    target.upgrade_target =
        fmt::format("//api2/json/reader?backup-id={}&backup-time={}&backup-type={}&debug=true&store={}",
                    name.id, name.time_s, path.substr(0, path.find('/')), store);
    for (const auto& archive : snapshot.at("archives"))
      if (const std::string file = archive.at("name"); target.archive.empty() && file.ends_with(".fidx"))
        target.archive = file;
    return target;
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::bad_input, "the server's ready file cannot be read: {}", error.what());
  }
}

Result<std::unique_ptr<ReaderDrain>> ReaderDrain::open(const DrainTarget& target) {
  std::unique_ptr<ReaderDrain> drain(new ReaderDrain());
  DF_ASSIGN(drain->tls_, TlsDrain::open(target.host, target.port));
  DF_TRY(drain->upgrade(target));
  DF_TRY(drain->start_http2());
  DF_TRY(drain->download_index(target.archive));
  return drain;
}

Result<void> ReaderDrain::upgrade(const DrainTarget& target) {
  DF_TRY(
      tls_->send(as_bytes(fmt::format("GET {} HTTP/1.1\r\nhost: localhost:8007\r\nauthorization: {}\r\n"
                                      "connection: upgrade\r\n"
                                      "upgrade: proxmox-backup-reader-protocol-v1\r\n\r\n",
                                      target.upgrade_target, target.authorization))));
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {  // nothing follows it until we have spoken
    DF_ASSIGN(const ByteSpan part, tls_->receive());
    head += as_text(part);
    if (head.find("\r\n\r\n") != std::string::npos && !head.starts_with("HTTP/1.1 101 "))
      return fail(ErrorKind::protocol, "the upgrade was refused: {}", head);
  }
  return {};
}

Result<void> ReaderDrain::start_http2() {
  nghttp2_session_callbacks* raw_callbacks = nullptr;
  nghttp2_session* raw_session = nullptr;
  if (nghttp2_session_callbacks_new(&raw_callbacks) != 0) return fail(ErrorKind::io, "no memory");
  const CallbackTable callbacks(raw_callbacks);
  nghttp2_session_callbacks_set_on_header_callback(raw_callbacks, Callbacks::header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw_callbacks, Callbacks::data);
  nghttp2_session_callbacks_set_on_stream_close_callback(raw_callbacks, Callbacks::stream_close);
  DF_TRY(checked(nghttp2_session_client_new(&raw_session, raw_callbacks, this), "HTTP/2 session"));
  session_.reset(raw_session);
  const std::array<nghttp2_settings_entry, 2> settings = {
      {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes},
       {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, kFrameBytesMax}}};
  DF_TRY(
      checked(nghttp2_submit_settings(raw_session, 0, settings.data(), settings.size()), "HTTP/2 settings"));
  return checked(nghttp2_session_set_local_window_size(raw_session, 0, 0, kWindowBytes), "HTTP/2 window");
}

Result<void> ReaderDrain::download_index(const std::string& archive) {
  keeps_ = true;
  DF_TRY(request("/download?file-name=" + archive));
  while (!streams_.empty()) DF_TRY(turn());
  keeps_ = false;
  DF_ASSIGN(index_, parse_fixed_index(kept_));
  bytes_.store(0);
  return {};
}

Result<void> ReaderDrain::request(const std::string& path) {
  const std::array<nghttp2_nv, 4> fields = {field(":method", "GET"), field(":scheme", "https"),
                                            field(":authority", "localhost:8007"), field(":path", path)};
  const std::int32_t id =
      nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(), nullptr, nullptr);
  DF_TRY(checked(id, "HTTP/2 request"));
  streams_[id] = Stream{};
  return {};
}

Result<void> ReaderDrain::turn() {
  while (true) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t count = nghttp2_session_mem_send(session_.get(), &bytes);
    DF_TRY(checked(count, "HTTP/2 to the server"));
    if (count == 0) break;
    DF_TRY(tls_->send({bytes, static_cast<std::size_t>(count)}));
  }
  DF_ASSIGN(const ByteSpan received, tls_->receive());
  DF_TRY(checked(nghttp2_session_mem_recv(session_.get(), received.data(), received.size()),
                 "HTTP/2 from the server"));
  if (!complaint_.empty()) return fail(ErrorKind::protocol, "{}", complaint_);
  return {};
}

void ReaderDrain::finish(std::int32_t id, std::uint32_t error_code) {
  const Stream& stream = streams_[id];
  const bool whole = keeps_ || stream.received_bytes == stream.announced_bytes;
  if (error_code != 0 || stream.status != 200 || !whole)
    complaint_ = fmt::format("an answer with status {}, {} of {} bytes, HTTP/2 error code {}", stream.status,
                             stream.received_bytes, stream.announced_bytes, error_code);
  streams_.erase(id);
}

Result<void> ReaderDrain::drain(std::size_t depth, const std::function<bool(std::uint64_t)>& more) {
  bool wants_more = true;
  while (wants_more || !streams_.empty()) {
    wants_more = wants_more && more(bytes());
    while (wants_more && streams_.size() < depth) {
      DF_TRY(request("/chunk?digest=" + to_hex(index_.digests[next_chunk_])));
      next_chunk_ = (next_chunk_ + 1) % index_.digests.size();
    }
    if (!streams_.empty()) DF_TRY(turn());
  }
  return {};
}

}  // namespace depthfinder::bench
