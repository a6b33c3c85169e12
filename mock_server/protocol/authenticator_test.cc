// SPDX-License-Identifier: MIT
#include "mock_server/protocol/authenticator.h"

#include <gtest/gtest.h>

namespace depthfinder::mock {
namespace {

constexpr std::int64_t kNow = 1'750'000'000;

class Authentication : public testing::Test {
 protected:
  [[nodiscard]] bool token(const std::string& authorization) const {
    return authenticator_.accepts({.authorization = authorization, .cookie = {}, .csrf_token = {}}, true,
                                  kNow);
  }
  [[nodiscard]] bool cookie(const std::string& ticket, const std::string& csrf = {}, bool changes = false,
                            std::int64_t now_s = kNow) const {
    return authenticator_.accepts(
        {.authorization = {}, .cookie = "PBSAuthCookie=" + ticket, .csrf_token = csrf}, changes, now_s);
  }

  Authenticator authenticator_{make_secrets().value()};
  const Secrets& secrets_ = authenticator_.secrets();
};

// Every part, the whole with something more, and nothing at all.
std::vector<std::string> near(const std::string& secret) {
  std::vector<std::string> guesses{"", secret + "x", secret + std::string(1, '\0'), " " + secret};
  for (std::size_t i = 0; i < secret.size(); ++i) {
    guesses.push_back(secret.substr(0, i));
    std::string flipped = secret;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    guesses.push_back(flipped);
  }
  return guesses;
}

TEST_F(Authentication, ThePasswordIsTheWholePassword) {
  EXPECT_TRUE(authenticator_.log_in(secrets_.user, secrets_.password, kNow));
  for (const std::string& guess : near(secrets_.password))
    EXPECT_FALSE(authenticator_.log_in(secrets_.user, guess, kNow)) << guess;
  for (const std::string& user : near(secrets_.user))
    EXPECT_FALSE(authenticator_.log_in(user, secrets_.password, kNow)) << user;
}

TEST_F(Authentication, TheTokenIsTheWholeToken) {
  const std::string name = "PBSAPIToken " + secrets_.user + "!" + secrets_.token_name + ":";
  EXPECT_TRUE(token(name + secrets_.token_secret));
  for (const std::string& guess : near(secrets_.token_secret)) EXPECT_FALSE(token(name + guess)) << guess;
  for (const std::string& guess : near(secrets_.user + "!" + secrets_.token_name))
    EXPECT_FALSE(token("PBSAPIToken " + guess + ":" + secrets_.token_secret)) << guess;
  EXPECT_FALSE(token("PBSAPIToken"));
  EXPECT_FALSE(token(name + "%zz"));
}

TEST_F(Authentication, ATicketIsTheWholeTicketForItsTime) {
  const Login login = authenticator_.log_in(secrets_.user, secrets_.password, kNow).value();
  EXPECT_TRUE(cookie(login.ticket));
  EXPECT_TRUE(authenticator_.log_in(secrets_.user, login.ticket, kNow)) << "a ticket renews itself";
  for (const std::string& guess : near(login.ticket)) {
    EXPECT_FALSE(cookie(guess)) << guess;
    EXPECT_FALSE(authenticator_.log_in(secrets_.user, guess, kNow)) << guess;
  }
  EXPECT_TRUE(cookie(login.ticket, {}, false, kNow + 7200));
  EXPECT_FALSE(cookie(login.ticket, {}, false, kNow + 7201));
  EXPECT_FALSE(cookie(login.ticket, {}, false, kNow - 301));
  EXPECT_TRUE(cookie(login.ticket, login.csrf_token, true));
  for (const std::string& guess : near(login.csrf_token))
    EXPECT_FALSE(cookie(login.ticket, guess, true)) << guess;
  authenticator_.expire_tickets();
  EXPECT_FALSE(cookie(login.ticket));
}

}  // namespace
}  // namespace depthfinder::mock
