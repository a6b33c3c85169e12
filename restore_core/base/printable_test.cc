// SPDX-License-Identifier: MIT
#include "restore_core/base/printable.h"

#include <gtest/gtest.h>

#include "restore_core/base/utf8.h"

namespace depthfinder {
namespace {

TEST(Printable, LeavesTextAlone) {
  for (const char* text : {"", "plain", "two\nlines", "\xc2\xa0 \xc3\xa9 \xe2\x86\x92 \xf0\x9f\x90\xa2"})
    EXPECT_EQ(printable(text, 100), text);
}

TEST(Printable, DisarmsControlCharacters) {
  EXPECT_EQ(printable("a\x1b[2Jb", 100), "a\xef\xbf\xbd[2Jb");
  EXPECT_EQ(printable(std::string_view("\0\r\t\x7f", 4), 100),
            "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m",
                      100),
            "\xef\xbf\xbd"
            "31m")
      << "the same as ESC [ to some terminals";
}

TEST(Printable, IsUtf8WhateverItWas) {
  for (const char* text : {"\xc2", "caf\xe9 ", "\xed\xa0\x80", "\xc0\x80", "\xff\xfe"})
    EXPECT_TRUE(is_utf8(printable(text)));
  EXPECT_EQ(printable("caf\xe9!"), "caf\xef\xbf\xbd!");
}

TEST(Printable, CutsBetweenCharacters) {
  EXPECT_EQ(printable(std::string(1000, 'x'), 4), "xxxx\xe2\x80\xa6 (996 bytes more)");
  EXPECT_EQ(printable("ab\xe2\x86\x92", 4), "ab\xe2\x80\xa6 (3 bytes more)");
  EXPECT_EQ(printable("ab", 2), "ab");
}

}  // namespace
}  // namespace depthfinder
