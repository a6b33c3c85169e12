// SPDX-License-Identifier: MIT
#include "restore_core/client/reader_upgrade.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

ReaderTarget target() {
  return {{{"user@pbs!tok", "pbs.example", 8007, "tank"}, "hidden-word", {}},
          {BackupType::vm, "100", 1715932800},
          {}};
}

TEST(ReaderUpgrade, TheRequestIsTheRealClients) {
  EXPECT_EQ(
      format_upgrade_request(target(), token_credentials(target().access)).text(),
      "GET //api2/json/reader?backup-id=100&backup-time=1715932800&backup-type=vm&debug=true&store=tank "
      "HTTP/1.1\r\n"
      "user-agent: depthfinder/0.1\r\n"
      "content-type: application/x-www-form-urlencoded\r\n"
      "authorization: PBSAPIToken user@pbs!tok:hidden-word\r\n"
      "connection: upgrade\r\n"
      "upgrade: proxmox-backup-reader-protocol-v1\r\n"
      "host: pbs.example:8007\r\n\r\n");
  ReaderTarget with_namespace = target();
  with_namespace.ns.components = {"a", "b"};
  EXPECT_NE(format_upgrade_request(with_namespace, {}).text().find("&ns=a%2Fb&store="), std::string::npos);
}

TEST(ReaderUpgrade, OnlyTheRightProtocolIsAccepted) {
  const std::string protocol(kReaderProtocol);
  EXPECT_TRUE(check_upgrade_response(target(), {101, {{"upgrade", protocol}}}, ""));
  const struct {
    ResponseHead head;
    ErrorKind kind;
  } cases[] = {
      {{101, {}}, ErrorKind::protocol},
      {{101, {{"upgrade", "proxmox-backup-protocol-v1"}}}, ErrorKind::protocol},
      {{200, {{"upgrade", protocol}}}, ErrorKind::protocol},
      {{301, {}}, ErrorKind::protocol},
      {{401, {}}, ErrorKind::auth},
      {{403, {}}, ErrorKind::auth},
      {{502, {}}, ErrorKind::connection},
  };
  for (const auto& c : cases) {
    const auto checked = check_upgrade_response(target(), c.head, "some text");
    ASSERT_FALSE(checked) << c.head.status;
    EXPECT_EQ(checked.error().kind, c.kind) << c.head.status;
    EXPECT_EQ(checked.error().message.find("hidden-word"), std::string::npos);
  }
}

}  // namespace
}  // namespace depthfinder
