// SPDX-License-Identifier: MIT
#include "mock_server/protocol/listener.h"

#include <gtest/gtest.h>

namespace depthfinder::mock {
namespace {

TEST(Listener, KnowsWhatOthersCanReach) {
  for (const char* host : {"127.0.0.1", "127.255.255.254", "127.0.0.2", "::1", "localhost"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "fe80::1", "::ffff:10.0.0.1", "127.1",
                           "localhost.example", "pbs.example", ""})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(Listener, AddressesAreHostAndPort) {
  EXPECT_EQ(parse_listen_address("[::1]:8007")->to_string(), "[::1]:8007");
  EXPECT_EQ(parse_listen_address("localhost:0")->host, "localhost");
  for (const char* text : {"", ":", "8007", ":8007", "::1:8007", "127.0.0.1:65536", "127.0.0.1:-1",
                           "127.0.0.1:", "127.0.0.1:80x", "[]:1"})
    EXPECT_FALSE(parse_listen_address(text)) << text;
}

}  // namespace
}  // namespace depthfinder::mock
