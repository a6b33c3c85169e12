// SPDX-License-Identifier: MIT
#include "restore_core/client/server_error.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(ServerError, TheKindFollowsStatusAndText) {
  const struct {
    int status;
    std::string_view text;
    ErrorKind kind;
  } cases[] = {
      {401, "authentication failed", ErrorKind::auth},
      {403, "permission check failed", ErrorKind::auth},
      {404, "Path '/x' not found.", ErrorKind::not_found},
      {400, "snapshot vm/100/2024-05-17T08:00:00Z does not exist.", ErrorKind::not_found},
      {400, "no such datastore 'x'", ErrorKind::not_found},
      {400, "reading file \"/s/.chunks/ab12/ab\" failed: No such file or directory (os error 2)",
       ErrorKind::not_found},
      {400, "cannot find chunk with digest ab", ErrorKind::not_found},
      {400, "parameter verification failed - 'digest': value does not match", ErrorKind::protocol},
      {414, "", ErrorKind::protocol},
      {301, "", ErrorKind::protocol},
      {500, "", ErrorKind::connection},
      {503, "", ErrorKind::connection},
      {600, "", ErrorKind::protocol},
  };
  for (const auto& c : cases)
    EXPECT_EQ(kind_of_refusal(c.status, c.text), c.kind) << c.status << " " << c.text;
}

TEST(ServerError, TheServersTextIsKeptAndMadePrintable) {
  EXPECT_EQ(server_refusal("open x", 400, "no\nsuch \x1b[31mthing\r\n").message,
            "open x: the server answered 400: no such  [31mthing");
  EXPECT_EQ(server_refusal("open x", 500, "").message, "open x: the server answered 500: (no text)");
  EXPECT_EQ(one_line_of(std::string(1 << 20, 'x')).size(), kServerTextBytesMax);
}

}  // namespace
}  // namespace depthfinder
