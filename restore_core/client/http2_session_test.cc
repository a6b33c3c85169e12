// SPDX-License-Identifier: MIT
// The session fed with frames written by hand: whatever way the bytes come in pieces, bodies arrive whole, and those for
// a buffer are received in their place.
#include "restore_core/client/http2_session.h"

#include <numeric>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

enum Type : std::uint8_t { kData = 0, kHeaders = 1, kSettings = 4, kPing = 6 };
enum Flag : std::uint8_t { kNone = 0, kEndStream = 1, kEndHeaders = 4, kPadded = 8 };

Bytes frame(Type type, int flags, std::uint8_t stream, const Bytes& payload) {
  Bytes bytes{static_cast<std::uint8_t>(payload.size() >> 16),
              static_cast<std::uint8_t>(payload.size() >> 8),
              static_cast<std::uint8_t>(payload.size()),
              type,
              static_cast<std::uint8_t>(flags),
              0,
              0,
              0,
              stream};
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Bytes status_200(std::uint8_t stream) { return frame(kHeaders, kEndHeaders, stream, {0x88}); }  // RFC 7541, A
Bytes status_400(std::uint8_t stream) { return frame(kHeaders, kEndHeaders, stream, {0x8c}); }

Bytes body_bytes(std::size_t length, int start) {
  Bytes bytes(length);
  std::iota(bytes.begin(), bytes.end(), static_cast<std::uint8_t>(start));
  return bytes;
}

Bytes part(const Bytes& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

Bytes padded(std::uint8_t stream, int flags, const Bytes& data, std::uint8_t padding) {
  return frame(kData, flags | kPadded, stream, Bytes{padding} + data + Bytes(padding, 0));
}

// Two requests, streams 1 and 3, whose bodies go to buffers.
class TwoRequests {
 public:
  explicit TwoRequests(std::size_t room = 100) : first_(room, 0xee), second_(room, 0xee) {
    session_ = std::move(*Http2Session::create({}, clock_));
    EXPECT_TRUE(session_->get(10, "/one", body_one_));
    EXPECT_TRUE(session_->get(30, "/two", body_two_));
    drain_output();
    receive(frame(kSettings, kNone, 0, {}), 9);
  }

  // As a connection does: as many bytes as there are and fit where the session wants them, in pieces of at most that
  // size.
  Result<void> receive(ByteSpan bytes, std::size_t piece_max) {
    while (!bytes.empty()) {
      const MutableByteSpan landing = session_->landing();
      EXPECT_FALSE(landing.empty());
      const std::size_t count = std::min({landing.size(), bytes.size(), piece_max});
      std::copy_n(bytes.begin(), count, landing.begin());
      DF_TRY(session_->receive(landing.first(count)));
      bytes = bytes.subspan(count);
    }
    return {};
  }

  void drain_output() {
    while (true) {
      const auto output = session_->next_output();
      ASSERT_TRUE(output) << output.error().message;
      if (output->empty()) return;
      session_->output_sent(clock_.now());
    }
  }

  Http2Session& session() { return *session_; }
  [[nodiscard]] Bytes one() const { return part(first_, 0, body_one_.length()); }
  [[nodiscard]] Bytes two() const { return part(second_, 0, body_two_.length()); }
  [[nodiscard]] const Bytes& second_buffer() const { return second_; }

 private:
  FakeClock clock_;
  Bytes first_;
  Bytes second_;
  ResponseBody body_one_ = ResponseBody::into(first_);
  ResponseBody body_two_ = ResponseBody::into(second_);
  std::unique_ptr<Http2Session> session_;
};

struct Answers {
  Bytes one = body_bytes(61, 1);
  Bytes two = body_bytes(47, 128);
};

// Both bodies in several frames that alternate, with another frame and an empty one between.
Bytes interleaved(const Answers& answers) {
  return status_200(1) + status_200(3) + frame(kData, kNone, 1, part(answers.one, 0, 20)) +
         frame(kData, kNone, 3, part(answers.two, 0, 30)) + frame(kPing, kNone, 0, Bytes(8, 7)) +
         frame(kData, kNone, 1, part(answers.one, 20, 60)) + frame(kData, kNone, 1, {}) +
         frame(kData, kEndStream, 3, part(answers.two, 30, 47)) +
         frame(kData, kEndStream, 1, part(answers.one, 60, 61));
}

void expect_both(TwoRequests& requests, const Answers& answers) {
  const auto finished = requests.session().take_finished();
  ASSERT_EQ(finished.size(), 2u);
  for (const FinishedRequest& request : finished)
    EXPECT_TRUE(request.outcome) << request.outcome.error().message;
  EXPECT_EQ(requests.one(), answers.one);
  EXPECT_EQ(requests.two(), answers.two);
  EXPECT_EQ(requests.session().body_bytes(), answers.one.size() + answers.two.size());
}

TEST(Http2Session, ReceivesBodiesInTheirPlaceWhereverTheStreamIsCut) {
  const Answers answers;
  const Bytes bytes = interleaved(answers);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    TwoRequests requests;
    ASSERT_TRUE(requests.receive(ByteSpan(bytes).first(cut), bytes.size()));
    ASSERT_TRUE(requests.receive(ByteSpan(bytes).subspan(cut), bytes.size()));
    expect_both(requests, answers);
    EXPECT_EQ(requests.session().copied_bytes(), 0u);
  }
}

TEST(Http2Session, ReceivesBodiesInTheirPlaceInPiecesOfAnySize) {
  const Answers answers;
  const Bytes bytes = interleaved(answers);
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    TwoRequests requests;
    ASSERT_TRUE(requests.receive(bytes, piece));
    expect_both(requests, answers);
    EXPECT_EQ(requests.session().copied_bytes(), 0u);
  }
}

TEST(Http2Session, MovesWhatWasReceivedElsewhereOnce) {
  const Answers answers;
  TwoRequests requests;
  ASSERT_TRUE(requests.session().receive(interleaved(answers)));
  expect_both(requests, answers);
  EXPECT_EQ(requests.session().copied_bytes(), answers.one.size() + answers.two.size());
}

TEST(Http2Session, TakesPaddingForNoPartOfABody) {
  const Answers answers;
  const Bytes bytes = status_200(1) + status_200(3) + padded(1, kNone, part(answers.one, 0, 40), 13) +
                      frame(kData, kEndStream, 3, answers.two) +
                      padded(1, kEndStream, part(answers.one, 40, 61), 0);
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    TwoRequests requests;
    ASSERT_TRUE(requests.receive(bytes, piece));
    expect_both(requests, answers);
    EXPECT_EQ(requests.session().copied_bytes(), answers.one.size()) << "the padded ones, and they alone";
  }
}

TEST(Http2Session, ARefusalIsTextAndTouchesNoBuffer) {
  const Answers answers;
  const Bytes bytes = status_400(3) + status_200(1) + frame(kData, kEndStream, 3, Bytes{'n', 'o'}) +
                      frame(kData, kEndStream, 1, answers.one);
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    TwoRequests requests;
    ASSERT_TRUE(requests.receive(bytes, piece));
    const auto finished = requests.session().take_finished();
    ASSERT_EQ(finished.size(), 2u);
    EXPECT_EQ(finished[0].id, 30u);
    EXPECT_NE(finished[0].outcome.error().message.find("no"), std::string::npos);
    EXPECT_EQ(requests.second_buffer(), Bytes(100, 0xee));
    EXPECT_EQ(requests.one(), answers.one);
  }
}

TEST(Http2Session, ABodyBeyondItsBufferEndsTheRequestAndNothingElse) {
  const Answers answers;
  for (std::size_t piece = 1; piece <= 90; ++piece) {
    TwoRequests requests(61);
    ASSERT_TRUE(requests.receive(status_200(1) + status_200(3) + frame(kData, kNone, 3, body_bytes(80, 5)) +
                                     frame(kData, kNone, 3, body_bytes(30, 5)),
                                 piece));
    requests.drain_output();  // the reset leaves
    ASSERT_TRUE(requests.receive(
        frame(kData, kEndStream, 3, body_bytes(50, 5)) + frame(kData, kEndStream, 1, answers.one), piece));
    const auto finished = requests.session().take_finished();
    ASSERT_EQ(finished.size(), 2u);
    EXPECT_EQ(finished[0].outcome.error().reason, "blob-too-large");
    EXPECT_TRUE(finished[1].outcome);
    EXPECT_EQ(requests.one(), answers.one);
  }
}

TEST(Http2Session, DataBeforeItsStatusLandsNowhereAndEndsTheSession) {
  for (std::size_t piece = 1; piece <= 29; ++piece) {
    TwoRequests requests;
    ASSERT_TRUE(requests.receive(frame(kData, kNone, 3, body_bytes(20, 1)), piece));
    EXPECT_EQ(requests.second_buffer(), Bytes(100, 0xee));
    auto output = requests.session().next_output();
    while (output && !output->empty()) output = requests.session().next_output();
    EXPECT_EQ(output.error().kind, ErrorKind::protocol);
  }
}

}  // namespace
}  // namespace depthfinder
