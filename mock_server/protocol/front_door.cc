// SPDX-License-Identifier: MIT
#include "mock_server/protocol/front_door.h"

#include <ctime>
#include <exception>

#include <fmt/format.h>
#include <sys/socket.h>

#include "mock_server/protocol/http_date.h"
#include "mock_server/protocol/http_stream.h"
#include "mock_server/protocol/plain_redirect.h"
#include "mock_server/protocol/reader_session.h"
#include "mock_server/protocol/rest_api.h"
#include "mock_server/protocol/thread_priority.h"
#include "restore_core/base/units.h"

namespace depthfinder::mock {

namespace {

using namespace std::chrono_literals;
constexpr Nanoseconds kHandshakeTimeout = 10s;
constexpr Nanoseconds kIdleMax = 120s;
constexpr Nanoseconds kUpgradeWriteTimeout = 10s;
constexpr std::uint8_t kTlsHandshakeRecord = 22;

// One connection's HTTP/1.1 side, where httplib's handlers find it again.
struct Connection {
  HttpStream stream;
  std::optional<SnapshotId> upgrade;
};

Connection& connection_of(const httplib::Request& request) {
  return *static_cast<Connection*>(SSL_get_app_data(request.ssl));
}

// Of the head, as the real server's library has it.
constexpr std::size_t kHeadersMax = 100;

// Longer bodies are refused before they come; up to here they are read first, so that a client that sends before it
// reads gets the answer.
constexpr std::uint64_t kReadableBodyBytesMax = 1 << 20;

// What must be refused before its body is read; empty when nothing must.
std::string refused_at_once(const httplib::Request& request) {
  if (request.headers.size() > kHeadersMax) return fmt::format("more than {} header fields", kHeadersMax);
  const std::string length = request.get_header_value("Content-Length");
  if (!length.empty() && !parse_count("content-length", length, 0, kReadableBodyBytesMax))
    return fmt::format("content-length '{}' is no number up to {}", length.substr(0, 40),
                       kReadableBodyBytesMax);
  return {};
}

bool has_body(const httplib::Request& request) {
  return request.has_header("Transfer-Encoding") ||
         (request.has_header("Content-Length") && request.get_header_value("Content-Length") != "0");
}

RestRequest to_rest_request(const httplib::Request& request) {
  return {.method = request.method,
          .target = request.target,
          .body = request.body,
          .content_type = request.get_header_value("content-type"),
          .credentials = {.authorization = request.get_header_value("authorization"),
                          .cookie = request.get_header_value("cookie"),
                          .csrf_token = request.get_header_value("csrfpreventiontoken")},
          .upgrade = request.get_header_value("upgrade")};
}

void fill_response(const HttpAnswer& answer, httplib::Response& response) {
  response.status = answer.status;
  response.set_header("date", format_http_date(std::time(nullptr)));
  if (answer.status == 401)
    response.set_header(
        "set-cookie",
        "__Host-PBSAuthCookie=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; Path=/");
  // httplib labels what has no label itself.
  response.set_content(answer.body,
                       answer.content_type.empty() ? "text/plain" : std::string(answer.content_type));
}

}  // namespace

// httplib parses requests and writes answers; sockets, TLS and threads are ours.
class FrontDoor::HttpServer final : public httplib::Server {
 public:
  explicit HttpServer(Service& service) : service_(service), api_(service) {
    set_payload_max_length(kBodyBytesMax);
    set_keep_alive_max_count(1'000'000);
    set_pre_routing_handler(
        [this](const auto& request, auto& response) { return before_body(request, response); });
    set_error_handler([](const httplib::Request&, httplib::Response& response) { explain(response); });
    set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      response.status = 500;
      response.set_content("internal error", "text/plain");
    });
    const Handler handler = [this](const auto& request, auto& response) { answer(request, response); };
    const std::string any = "[\\s\\S]*";
    Get(any, handler)
        .Post(any, handler)
        .Put(any, handler)
        .Patch(any, handler)
        .Delete(any, handler)
        .Options(any, handler);
  }

  // One request. False when the connection cannot go on.
  bool serve_request(Connection& connection, SSL* ssl) {
    bool closes = false;
    const bool served = process_request(connection.stream, false, closes,
                                        [ssl](httplib::Request& request) { request.ssl = ssl; });
    return served && !closes && !connection.stream.closing();
  }

 private:
  // Where httplib's idea of which requests have a body differs from the request's own.
  HandlerResponse before_body(const httplib::Request& request, httplib::Response& response) {
    if (const std::string why = refused_at_once(request); !why.empty()) {
      connection_of(request).stream.close_after_answer();
      fill_response(refusal(400, why), response);
      return HandlerResponse::Handled;
    }
    const bool reads_body = request.method == "POST" || request.method == "PUT" ||
                            request.method == "PATCH" || request.method == "DELETE";
    if (reads_body == has_body(request)) return HandlerResponse::Unhandled;
    if (reads_body) {
      // Without a length httplib would read until the client closes.
      answer(request, response);
      return HandlerResponse::Handled;
    }
    // A body that httplib does not read would be taken for the next request.
    connection_of(request).stream.close_after_answer();
    fill_response(refusal(400, fmt::format("a {} request must have no body", request.method)), response);
    return HandlerResponse::Handled;
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    const TimePoint arrival = SteadyClock().now();
    Connection& connection = connection_of(request);
    RestAnswer rest = api_.answer(to_rest_request(request), std::time(nullptr));
    service_.metrics.record_request(rest.route, rest.answer.status);
    wait_until(rest.is_control
                   ? arrival
                   : service_.behaviour()->times.other(service_.next_other.fetch_add(1), arrival));
    if (rest.answer.status == 401) wait_until(SteadyClock().now() + service_.auth_failure_delay);
    if (rest.upgrade) connection.stream.drop_answer();
    connection.upgrade = std::move(rest.upgrade);
    fill_response(rest.answer, response);
  }

  void wait_until(TimePoint deadline) {
    if (deadline > SteadyClock().now()) wait_ready(-1, false, false, service_.stop, deadline);
  }

  // What httplib refuses by itself: it has a status and no text.
  static void explain(httplib::Response& response) {
    if (!response.body.empty()) return;
    if (response.status == 413) {
      response.status = 400;
      response.set_content(fmt::format("the request body is longer than {} bytes", kBodyBytesMax),
                           "text/plain");
      return;
    }
    response.set_content("malformed request", "text/plain");
  }

  Service& service_;
  const RestApi api_;
};

FrontDoor::FrontDoor(Service& service, SslContext tls)
    : service_(service), tls_(std::move(tls)), http_(std::make_unique<HttpServer>(service)) {}

FrontDoor::~FrontDoor() = default;

void FrontDoor::serve(UniqueFd socket) noexcept {
  service_.metrics.connection_opened(raise_thread_priority());
  try {
    // Clients come and go as they like: how a connection ended is nobody else's business.
    static_cast<void>(serve_connection(std::move(socket)));
  } catch (const std::exception& exception) {
    fmt::print(stderr, "mock server: a connection failed: {}\n", exception.what());
  }
  service_.metrics.connection_closed();
}

Result<void> FrontDoor::serve_connection(UniqueFd socket) {
  const TimePoint accepted = SteadyClock().now();
  const Nanoseconds set_up = service_.behaviour()->spec.connect;
  if (set_up.count() > 0 && wait_ready(-1, false, false, service_.stop, accepted + set_up).stopped) return {};
  const TimePoint deadline = accepted + set_up + kHandshakeTimeout;
  const Readiness ready = wait_ready(socket.get(), true, false, service_.stop, deadline);
  if (!ready.readable || ready.stopped) return {};
  std::uint8_t first = 0;
  if (::recv(socket.get(), &first, 1, MSG_PEEK) != 1) return {};
  if (first != kTlsHandshakeRecord) return serve_plain_redirect(socket.get(), service_.stop, deadline);
  return serve_tls(std::move(socket), deadline);
}

Result<void> FrontDoor::serve_tls(UniqueFd socket, TimePoint handshake_deadline) {
  DF_ASSIGN(const std::unique_ptr<TlsChannel> channel,
            TlsChannel::accept(tls_.get(), std::move(socket), service_.stop, handshake_deadline));
  const auto connection = std::make_unique<Connection>(Connection{HttpStream(*channel), std::nullopt});
  SSL_set_app_data(channel->ssl(), connection.get());
  while (!connection->upgrade) {
    if (!connection->stream.await_request(kIdleMax)) return {};
    if (!http_->serve_request(*connection, channel->ssl())) return {};
  }
  const std::string switching = fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: {}\r\ndate: {}\r\n\r\n",
      kReaderProtocol, format_http_date(std::time(nullptr)));
  DF_TRY(channel->write_all(as_bytes(switching), SteadyClock().now() + kUpgradeWriteTimeout));
  const auto session = std::make_unique<ReaderSession>(service_, *channel, *connection->upgrade);
  return session->run(connection->stream.buffered());
}

}  // namespace depthfinder::mock
