// SPDX-License-Identifier: MIT
#include "restore_core/client/url_encoding.h"

#include <gtest/gtest.h>

#include "restore_core/base/utf8.h"

namespace depthfinder {
namespace {

TEST(UrlEncoding, FormEncoding) {
  EXPECT_EQ(form_encode("drive-scsi0.img.fidx"), "drive-scsi0.img.fidx");
  EXPECT_EQ(form_encode("a/b c"), "a%2Fb+c");
  EXPECT_EQ(form_encode("1+1=2&x~"), "1%2B1%3D2%26x%7E");
  EXPECT_EQ(form_encode("\xc3\xa4"), "%C3%A4");
}

TEST(UrlEncoding, QueriesAreInTheOrderOfTheNames) {
  EXPECT_EQ(form_query({{"store", "tank"}, {"backup-id", "100"}, {"ns", "a/b"}}),
            "backup-id=100&ns=a%2Fb&store=tank");
  EXPECT_EQ(form_query({}), "");
}

std::string credential(std::string_view text) {
  Secret out("=");
  append_credential(text, out);
  return std::string(out.text().substr(1));
}

TEST(UrlEncoding, CredentialsKeepWhatTheServerTakesAsItIs) {
  EXPECT_EQ(credential("PBS:root@pam:66471A2B::ab+/=%"), "PBS:root@pam:66471A2B::ab+/=%");
  EXPECT_EQ(credential("a b\"#<>`?{}\r\n\x7f"), "a%20b%22%23%3C%3E%60%3F%7B%7D%0D%0A%7F");
  EXPECT_EQ(credential("\xc3\xa4"), "%C3%A4");
}

TEST(UrlEncoding, JsonStringsEscapeWhatTheyMust) {
  Secret out;
  append_json_string("a\"b\\c/\n\x01\x1f\x7f\xc3\xa4", out);
  EXPECT_EQ(out.text(), "\"a\\\"b\\\\c/\\u000A\\u0001\\u001F\x7f\xc3\xa4\"");
}

TEST(UrlEncoding, OnlyUtf8IsUtf8) {
  for (const std::string_view text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                      "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(text)) << testing::PrintToString(text);
  for (const std::string_view text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe1\x80",
        "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf1\x80\x80", "\xff",
        "a\xfe"})
    EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(text);
}

}  // namespace
}  // namespace depthfinder
