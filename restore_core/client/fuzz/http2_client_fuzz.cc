// SPDX-License-Identifier: MIT
// A server's HTTP/2 frames against the client's session with three requests open; bytes land where the session says, in
// pieces whose lengths come from the input too. A body never grows beyond its room.
#include <algorithm>

#include "restore_core/client/http2_session.h"

using namespace depthfinder;

namespace {

bool drain(Http2Session& session) {
  while (true) {
    const auto output = session.next_output();
    if (!output) return false;
    if (output->empty()) return true;
    session.output_sent({});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const SteadyClock clock;
  auto session = Http2Session::create({}, clock);
  if (!session) return 0;
  Bytes small(16), large(4096), grown;
  ResponseBody bodies[] = {ResponseBody::into(MutableByteSpan(small)),
                           ResponseBody::into(MutableByteSpan(large)), ResponseBody::growing(grown, 8192)};
  for (std::uint64_t id = 0; id < 3; ++id)
    if (!(*session)->get(id, "/chunk", bodies[id])) return 0;
  if (!drain(**session)) return 0;
  while (size > 1) {
    const MutableByteSpan landing = (*session)->landing();
    const std::size_t piece = std::min({landing.size(), size - 1, std::size_t{1} + 16 * data[0]});
    std::copy_n(data + 1, piece, landing.begin());
    data += 1 + piece;
    size -= 1 + piece;
    if (!(*session)->receive(landing.first(piece)) || !drain(**session)) break;
    for (const FinishedRequest& finished : (*session)->take_finished())
      if (finished.id > 2) __builtin_trap();
  }
  if (bodies[0].length() > small.size() || bodies[1].length() > large.size() || grown.size() > 8192)
    __builtin_trap();
  return 0;
}
