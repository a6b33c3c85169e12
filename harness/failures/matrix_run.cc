// SPDX-License-Identifier: MIT
#include "harness/failures/matrix_run.h"

#include <algorithm>

#include "harness/failures/watched_sink.h"
#include "restore_core/engine/remedy.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder::failures {
namespace {

using std::chrono::milliseconds;
using testing_support::Encoding;
using testing_support::make_test_image;
using testing_support::TestImage;

constexpr const char* kLetters = "a0bcdefgb00h";
constexpr std::uint64_t kLastBytes = 5000;
constexpr milliseconds kStallTimeout{150};
constexpr milliseconds kHangGuard{20'000};
constexpr int kDepth = 4;
constexpr std::uint64_t kSeed = 3;  // with it three of the first eight requests meet a fault with share 0.3

Result<ImageToRestore> open_image(ReaderClient& client, const CryptConfig* key) {
  DF_ASSIGN(const Manifest manifest, client.manifest(key));
  return client.open_image(manifest, kArchive);
}

}  // namespace

const TestImage& stored_image(bool encrypted) {
  static const TestImage kPlain = make_test_image(kLetters, Encoding::compressed, kLastBytes);
  static const TestImage kEncrypted = make_test_image(kLetters, Encoding::encrypted_compressed, kLastBytes);
  return encrypted ? kEncrypted : kPlain;
}

MatrixServer::MatrixServer(const TestImage& image, std::vector<FaultSpec> faults, const ServerSpec& other)
    : store_(std::make_shared<const TestImageStore>(image)) {
  mock::RunningServerOptions options;
  options.service.server = other;
  options.service.server.faults = std::move(faults);
  options.service.server.seed = kSeed;
  options.service.auth_failure_delay = Nanoseconds(0);
  auto server = mock::RunningServer::start(options, store_);
  DF_CHECK(server.has_value());
  server_ = *std::move(server);
}

ServerAccess MatrixServer::access() const {
  const mock::Secrets& secrets = server_->secrets();
  const mock::ListenAddress& address = server_->address();
  return {{secrets.user, address.host, address.port, std::string(store_->name())},
          secrets.password,
          parse_fingerprint(server_->fingerprint()).value()};
}

ServerAccess MatrixServer::token_access() const {
  ServerAccess access = this->access();
  access.repository.auth_id += "!" + server_->secrets().token_name;
  access.password = server_->secrets().token_secret;
  return access;
}

std::uint64_t MatrixServer::faults_injected() const {
  std::uint64_t sum = 0;
  for (const auto& [kind, count] : server_->faults_injected()) sum += count;
  return sum;
}

ReaderOptions reader_options(const Way& way, const Fault& fault, When when) {
  ReaderOptions options;
  options.connections = way.connections;
  options.connect_timeout = kHangGuard;
  options.stall_timeout = fault.kind == FaultKind::stall ? kStallTimeout : kHangGuard;
  options.attempts_max = when == When::always ? 3 : when == When::once ? 6 : 60;
  options.backoff_first = milliseconds(1);
  return options;
}

EngineSettings engine_of(const Way& way) {
  WantedSettings wanted{.depth = kDepth, .threads = 3};
  if (std::string_view(way.strategy) == "sequential") wanted.depth.reset();
  if (way.writers > 0) wanted.writers = way.writers;
  wanted.depth_auto = wanted.threads_auto = way.automatic;
  return engine_settings(way.strategy, wanted).value();
}

Outcome restore(const ServerAccess& access, const TestImage& image, const Way& way,
                const ReaderOptions& reader, const MakeSink& make_sink) {
  const CryptConfig* key = image.crypt_mode == CryptMode::encrypt ? &image.key : nullptr;
  auto client = ReaderClient::connect(access, TestImageStore::snapshot(), {}, reader, {});
  if (!client) return {pass_on(client.error())};
  const auto opened = open_image(**client, key);
  if (!opened) return {pass_on(with_remedy(opened.error()))};
  auto target = make_sink();
  if (!target) return {pass_on(target.error())};
  WatchedSink sink(std::move(target->sink), image.bytes, image.index.chunk_size);
  const std::vector<ImageTarget> images{{{opened->index, opened->crypt_mode, key}, sink, kArchive}};
  auto restored = restore_images(images, engine_of(way), (*client)->chunks(), {}, {},
                                 {.depth_start = 2, .threads_start = 1, .bystander = {}});
  sink.close();
  if (restored) target->afterwards();
  client->reset();
  return {std::move(restored), sink.wrong_writes(), sink.late_writes(), sink.finishes(), sink.written()};
}

}  // namespace depthfinder::failures
