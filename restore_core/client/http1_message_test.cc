// SPDX-License-Identifier: MIT
#include "restore_core/client/http1_message.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

constexpr std::string_view kSwitching =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade:  proxmox-backup-reader-protocol-v1 "
    "\r\n\r\n";

TEST(Http1Message, WritesHeadersAsGiven) {
  EXPECT_EQ(format_get_request("//a?b", {{"user-agent", "x/1"}, {"host", "h:1"}}).text(),
            "GET //a?b HTTP/1.1\r\nuser-agent: x/1\r\nhost: h:1\r\n\r\n");
}

TEST(Http1Message, FindsTheEndOfTheHeadWithWhatFollowsIt) {
  const std::string received = std::string(kSwitching) + "\x01\x02";
  EXPECT_EQ(*response_head_length(received), kSwitching.size());
  for (std::size_t i = 0; i < kSwitching.size(); ++i)
    EXPECT_EQ(*response_head_length(kSwitching.substr(0, i)), std::nullopt) << i;
}

TEST(Http1Message, AHeadWithoutEndIsRefused) {
  EXPECT_EQ(response_head_length(std::string(kResponseHeadBytesMax, 'x')).error().kind, ErrorKind::protocol);
  EXPECT_EQ(response_head_length("HTTP/1.1 200 OK\r\n" + std::string(kResponseHeadBytesMax, 'x') + "\r\n\r\n")
                .error()
                .kind,
            ErrorKind::protocol);
}

TEST(Http1Message, ParsesStatusAndHeaders) {
  const auto head = parse_response_head(kSwitching);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->status, 101);
  EXPECT_EQ(head->find("upgrade"), "proxmox-backup-reader-protocol-v1");
  EXPECT_EQ(head->find("content-length"), std::nullopt);
  EXPECT_EQ(parse_response_head("HTTP/1.0 404\r\n\r\n")->status, 404);
}

TEST(Http1Message, MalformedHeadsAreRefused) {
  for (const std::string_view head :
       {"", "\r\n\r\n", "HTTP/2 101 x\r\n\r\n", "HTTP/1.1 1x1 x\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n",
        "HTTP/1.1 1011\r\n\r\n", "HTTP/1.1-101 x\r\n\r\n", "SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/1.1 101 x",
        "HTTP/1.1 101 x\r\nno colon\r\n\r\n", "HTTP/1.1 101 x\r\n: empty\r\n\r\n",
        "HTTP/1.1 101 x\r\na: b"}) {
    const auto parsed = parse_response_head(head);
    EXPECT_TRUE(!parsed && parsed.error().kind == ErrorKind::protocol) << head;
  }
}

TEST(Http1Message, ReadsTheBodyOfARefusal) {
  const ResponseHead sized{400, {{"content-length", "5"}}};
  EXPECT_EQ(refusal_body(sized, "helloX"), "hello");
  EXPECT_EQ(refusal_body(sized, "hell"), std::nullopt);
  const ResponseHead chunked{401, {{"transfer-encoding", "chunked"}}};
  EXPECT_EQ(refusal_body(chunked, "5\r\nhello\r\n1;x\r\n!\r\n0\r\n\r\n"), "hello!");
  EXPECT_EQ(refusal_body(chunked, "5\r\nhello\r\n"), std::nullopt);
  EXPECT_EQ(refusal_body(chunked, "5\r\nhel"), std::nullopt);
  EXPECT_EQ(refusal_body(chunked, "zz\r\nhello"), "");
  EXPECT_EQ(refusal_body(chunked, "ffffffffffffffff\r\nhello"), std::nullopt);
  const ResponseHead unsized{401, {}};
  EXPECT_EQ(refusal_body(unsized, "hello"), std::nullopt);
  EXPECT_EQ(refusal_body({400, {{"content-length", "99999999999999999999999"}}}, "x"), std::nullopt);
}

}  // namespace
}  // namespace depthfinder
