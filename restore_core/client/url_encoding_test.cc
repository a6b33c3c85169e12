// SPDX-License-Identifier: MIT
#include "restore_core/client/url_encoding.h"

#include <gtest/gtest.h>

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

TEST(UrlEncoding, CredentialsKeepWhatTheServerTakesAsItIs) {
  EXPECT_EQ(encode_credential("PBS:root@pam:66471A2B::ab+/=%"), "PBS:root@pam:66471A2B::ab+/=%");
  EXPECT_EQ(encode_credential("a b\"#<>`?{}\r\n\x7f"), "a%20b%22%23%3C%3E%60%3F%7B%7D%0D%0A%7F");
  EXPECT_EQ(encode_credential("\xc3\xa4"), "%C3%A4");
}

}  // namespace
}  // namespace depthfinder
