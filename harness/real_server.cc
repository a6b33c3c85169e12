// SPDX-License-Identifier: MIT
#include "harness/real_server.h"

#include "harness/environment.h"
#include "harness/key_setting.h"
#include "harness/secret_setting.h"
#include "harness/trial_runner.h"
#include "restore_core/client/api_client.h"
#include "restore_core/client/reader_client.h"
#include "restore_core/engine/plan.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder {
namespace {

// A password from a file descriptor or a command is asked for once: the child has the variable alone.
void take_away_sources(ChildSpec& child, const std::string& name) {
  for (const char* suffix : {"_FD", "_FILE", "_CMD"})
    child.environment.emplace_back(name + suffix, std::nullopt);
}

// Chunks that are not zero, as long as they are restored: encoded they are no longer, but for a header.
Result<std::uint64_t> bytes_to_read(const ImageToRestore& image, const CryptConfig* key) {
  constexpr std::uint64_t kBlobHeaderBytesMax = 64;
  const Digest zero = zero_chunk_digest(image.index.chunk_size, image.crypt_mode, key);
  DF_ASSIGN(const RestorePlan plan, make_plan(image.index, zero, ZeroOrder::in_order));
  std::uint64_t bytes = 0;
  for (const PlannedChunk& chunk : plan.chunks)
    if (!chunk.zero) bytes += image.index.chunk_length(chunk.position) + kBlobHeaderBytesMax;
  return bytes;
}

struct Login {
  ServerAccess access;
  Namespace ns;
  std::optional<CryptConfig> key;
};

Result<Login> login_of(const RealServerFlags& flags, const std::stop_token& stop) {
  Login login;
  DF_ASSIGN(login.access.repository, repository_setting(flags.repository));
  DF_ASSIGN(login.access.fingerprint, fingerprint_setting(flags.fingerprint));
  DF_ASSIGN(login.ns, parse_namespace(flags.ns));
  DF_ASSIGN(login.access.password,
            secret_or_prompt("PBS_PASSWORD", "password or token secret of the server", stop));
  return login;
}

// The password of the key, asked for once; none where the key file has none.
Result<void> read_key(const RealServerFlags& flags, const std::stop_token& stop, Login& login,
                      RealServer& server) {
  if (flags.keyfile.empty()) return {};
  DF_ASSIGN(server.key_password, secret_from_environment("PBS_ENCRYPTION_PASSWORD", stop));
  DF_ASSIGN(login.key, key_setting(flags.keyfile, stop, server.key_password));
  server.keyfile = std::filesystem::absolute(flags.keyfile);
  return {};
}

ChildSpec real_child(const Cell& cell, const Scenario& scenario, const RealServer& server) {
  ChildSpec spec = restore_child(own_program(), cell, scenario, server.access, server.keyfile);
  if (!server.ns.empty()) spec.arguments.insert(spec.arguments.end(), {"--ns", server.ns});
  if (server.require_signature) spec.arguments.emplace_back("--require-signature");
  if (server.key_password) spec.secrets.emplace_back("PBS_ENCRYPTION_PASSWORD", *server.key_password);
  for (const char* name : {"PBS_PASSWORD", "PBS_ENCRYPTION_PASSWORD"}) take_away_sources(spec, name);
  return spec;
}

}  // namespace

Result<RealServer> find_real_server(const RealServerFlags& flags, const std::stop_token& stop) {
  if (flags.snapshot.empty() || flags.archive.empty())
    return fail(ErrorKind::bad_input, "--repository needs --snapshot and --archive: what is to be restored");
  DF_ASSIGN(Login login, login_of(flags, stop));
  RealServer server;
  DF_TRY(read_key(flags, stop, login, server));
  DF_ASSIGN(server.access.archive, complete_archive_name(flags.archive));
  // A group's newest is found once, so that every trial restores the same.
  DF_ASSIGN(const SnapshotName snapshot, find_snapshot(login.access, login.ns, flags.snapshot, stop));
  DF_ASSIGN(const auto client, ReaderClient::connect(login.access, snapshot, login.ns, {}, stop));
  const CryptConfig* key = login.key ? &*login.key : nullptr;
  server.require_signature = flags.require_signature;
  DF_ASSIGN(const Manifest manifest, client->manifest(key, signature_rule(flags.require_signature)));
  DF_ASSIGN(const ImageToRestore image, client->open_image(manifest, server.access.archive));
  if (image.crypt_mode == CryptMode::encrypt && key == nullptr)
    return fail(ErrorKind::bad_input, "{} is encrypted: give --keyfile", server.access.archive);
  DF_ASSIGN(server.trial_bytes_max, bytes_to_read(image, key));
  server.image_bytes = image.index.image_bytes;
  server.encrypted = image.crypt_mode == CryptMode::encrypt;
  server.ns = login.ns.to_string();
  server.host = login.access.repository.host;
  server.access.repository = login.access.repository.to_string();
  server.access.snapshot = snapshot.to_string();
  server.access.password = std::move(login.access.password);
  if (login.access.fingerprint) server.access.fingerprint = to_colon_hex(*login.access.fingerprint);
  return server;
}

std::string without_host(std::string text, const std::string& host) {
  constexpr std::string_view kInstead = "the server";
  if (host.empty()) return text;
  for (std::size_t at = text.find(host); at != std::string::npos; at = text.find(host, at + kInstead.size()))
    text.replace(at, host.size(), kInstead);
  return text;
}

Trial run_real_trial(const Cell& cell, const Scenario& scenario, const RealServer& server,
                     const std::stop_token& stop) {
  Trial trial = run_restore_child(cell, real_child(cell, scenario, server), kTrialTimeout, stop).trial;
  trial.reason = without_host(std::move(trial.reason), server.host);
  return trial;
}

}  // namespace depthfinder
