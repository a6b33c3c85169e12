// SPDX-License-Identifier: MIT
#include "restore_core/client/login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depthfinder {
namespace {

std::string value_of(const Credentials& credentials, std::string_view name) {
  for (const SecretHeader& header : credentials)
    if (header.name == name) return std::string(header.value.text());
  return {};
}

TEST(Login, ATokenIsOneHeader) {
  ServerAccess access;
  access.repository.auth_id = "user@pbs!name";
  access.password = "a b";
  EXPECT_EQ(value_of(token_credentials(access), "authorization"), "PBSAPIToken user@pbs!name:a%20b");
}

TEST(Login, ReadsTheTicketOfBothGenerations) {
  const auto older = parse_ticket_response(
      {200, {}, R"({"data":{"CSRFPreventionToken":"66:abc","ticket":"PBS:a@b:66::x y","username":"a@b"}})"},
      "a@b");
  ASSERT_TRUE(older) << older.error().message;
  EXPECT_EQ(value_of(*older, "cookie"), "PBSAuthCookie=PBS:a@b:66::x%20y");
  EXPECT_EQ(value_of(*older, "csrfpreventiontoken"), "66:abc");
  const auto newer = parse_ticket_response(
      {200,
       {{"set-cookie", "other=1"}, {"set-cookie", "__Host-PBSAuthCookie=PBS%3Aa; path=/; Secure"}},
       R"({"data":{"CSRFPreventionToken":"66:abc","ticket-info":"i","username":"a@b"},"status":200,"success":true})"},
      "a@b");
  ASSERT_TRUE(newer) << newer.error().message;
  EXPECT_EQ(value_of(*newer, "cookie"), "__Host-PBSAuthCookie=PBS%3Aa");
}

TEST(Login, OtherAnswersAreErrorsThatShowNoTicket) {
  const struct {
    int status;
    std::string_view body;
    ErrorKind kind;
  } cases[] = {
      {401, "permission check failed.", ErrorKind::auth},
      {500, "busy", ErrorKind::connection},
      {301, "", ErrorKind::protocol},
      {200, "", ErrorKind::protocol},
      {200, "[1]", ErrorKind::protocol},
      {200, R"({"data":null})", ErrorKind::protocol},
      {200, R"({"data":{"ticket":"PBS:secret","username":"a@b"}})", ErrorKind::protocol},
      {200, R"({"data":{"ticket":"PBS:secret","CSRFPreventionToken":"t"}})", ErrorKind::protocol},
      {200, R"({"data":{"ticket":7,"CSRFPreventionToken":"t","username":"a@b"}})", ErrorKind::protocol},
      {200, R"({"data":{"ticket":"PBS:secret","CSRFPreventionToken":"a\r\nhost: x","username":"a@b"}})",
       ErrorKind::protocol},
      {200, R"({"data":{"ticket":"PBS:!tfa!secret","CSRFPreventionToken":"invalid","username":"a@b"}})",
       ErrorKind::auth},
  };
  for (const auto& c : cases) {
    const auto parsed = parse_ticket_response({c.status, {}, std::string(c.body)}, "a@b");
    ASSERT_FALSE(parsed) << c.body;
    EXPECT_EQ(parsed.error().kind, c.kind) << c.body;
    EXPECT_THAT(parsed.error().message, testing::Not(testing::HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace depthfinder
