// SPDX-License-Identifier: MIT
#include "restore_core/engine/remedy.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(Remedy, StandsBehindTheCauseAndLeavesTheRest) {
  const Error told = with_remedy({ErrorKind::corrupt, "chunk 3: the CRC is wrong", "blob-crc"});
  EXPECT_EQ(told.message,
            "chunk 3: the CRC is wrong; verify the snapshot on the server, or restore another one");
  EXPECT_EQ(told.kind, ErrorKind::corrupt);
  EXPECT_EQ(told.reason, "blob-crc");
}

TEST(Remedy, IsSaidOnce) {
  const Error once = with_remedy({ErrorKind::timeout, "no answer"});
  EXPECT_EQ(once.message, "no answer; when the server answers again, go on with --resume");
  EXPECT_EQ(with_remedy(once.with_context("chunk 3")).message, "chunk 3: " + once.message);
}

TEST(Remedy, IsNotMadeUp) {
  for (const ErrorKind kind : {ErrorKind::cancelled, ErrorKind::io, ErrorKind::bad_input})
    EXPECT_EQ(with_remedy({kind, "said with its own remedy"}).message, "said with its own remedy");
}

}  // namespace
}  // namespace depthfinder
