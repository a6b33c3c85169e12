// SPDX-License-Identifier: MIT
// A client's HTTP/2 against the mock's session: every request is answered, some with a body that is cut. No change of an
// input would hit upon the preface, so most inputs begin behind it.
#include "mock_server/protocol/http2_server.h"
#include "mock_server/protocol/output_queue.h"

using namespace depthfinder;
using namespace depthfinder::mock;

namespace {

class Answering final : public Http2Events {
 public:
  void on_request(StreamId stream, const std::string&, const std::string& target) override {
    requests.push_back({stream, target.size()});
  }
  void on_answer_begun(StreamId, std::size_t) override {}
  void on_answer_ended(StreamId, std::size_t) override {}
  void on_stream_closed(StreamId, bool) override {}
  void on_pong() override {}
  void on_cut() override {}

  std::vector<std::pair<StreamId, std::size_t>> requests;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Answering events;
  auto server = Http2Server::make(events);
  if (!server) return 0;
  static constexpr std::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
  if (size > 0 && data[0] % 8 != 0 && !(*server)->receive(as_bytes(kPreface))) return 0;
  while (size > 0) {
    const std::size_t piece = std::min<std::size_t>(size, 1 + data[0] * 8);
    const bool alive = (*server)->receive({data, piece}).has_value();
    data += piece;
    size -= piece;
    for (const auto& [stream, length] : std::exchange(events.requests, {})) {
      HttpAnswer answer;
      answer.body = std::string(length, 'x');
      BodyLimit limit;
      if (length % 3 == 1) limit = {length / 2, BodyLimit::Then::reset_stream};
      static_cast<void>((*server)->answer(stream, std::move(answer), limit));
    }
    OutputQueue queue;
    if (!(*server)->fill(queue) || !alive) break;
  }
  return 0;
}
