// SPDX-License-Identifier: MIT
// depthfinder serve: the mock server as a process of its own.
#include <condition_variable>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <malloc.h>
#include <nlohmann/json.hpp>

#include "harness/commands.h"
#include "harness/key_setting.h"
#include "mock_server/server.h"
#include "restore_core/base/file.h"
#include "restore_core/base/units.h"
#include "scenarios/scenario_loader.h"
#include "scenarios/server_flags.h"
#include "scenarios/server_spec_loader.h"

namespace depthfinder {
namespace {

struct ServeOptions {
  std::string listen = "127.0.0.1:0";
  std::vector<std::string> synthetic;
  std::string datastore, scenario, keyfile, certificate, private_key, ready_file, secrets_of;
  std::string auth_delay = "3s";
  std::map<std::string, std::vector<std::string>> server;  // by the flag's name (scenarios/server_flags.h)
};

constexpr std::uint64_t kReadyFileBytesMax = 256 << 20;

constexpr const char* kServeExamples =
    "\nExamples:\n"
    "  depthfinder serve --synthetic size=1GiB,zeros=0.3,compress=1.8 --latency 20ms\\\n"
    "      --ready-file ready.json\n"
    "  depthfinder serve --synthetic size=1GiB,seed=1 --synthetic size=2GiB,seed=2 \\\n"
    "      --ready-file ready.json\n"
    "  depthfinder serve --datastore store --rate 1.25GB/s --ready-file ready.json\n"
    "  depthfinder serve --scenario quickstart --latency 5ms --ready-file ready.json\n"
    "With --synthetic or --datastore in front, what a server is like:\n"
    "  a queue   --storage servers=4,time=lognormal:5ms:0.5,rate=500MB/s\n"
    "  disks     --disk layout=scattered,disks=6 --cache size=1GiB,time=200us\n"
    "  S3        --first-byte lognormal:30ms:0.6 --request-limit per_second=100\n"
    "  WAN       --latency 25ms --jitter 2ms --connect 50ms --rate 100Mbit/s\n"
    "  recorded  --replay trace.json\n"
    "  bad days  --fault kind=status,status=503,share=0.01 \\\n"
    "            --fault kind=stall,for=2s,request=10-20 --fault kind=reset,times=3\n"
    "A time= or --first-byte is 5ms, uniform:MIN:MAX, exponential:MEAN,\n"
    "lognormal:MEDIAN:SIGMA, pareto:MIN:MAX:ALPHA or recorded:FILE.\n"
    "Faults: status reset stream-reset goaway stall drip truncate flip-payload\n"
    "flip-crc wrong-chunk missing expired-ticket tls-alert; on= chunk, index or\n"
    "manifest; conditions: share digest request position after until times. All\n"
    "keys: docs/command-line.md.\n\n"
    "It listens until SIGINT or SIGTERM. The ready file (JSON, mode 0600) is written\n"
    "when connections are accepted: repository, fingerprint, password, token,\n"
    "snapshots, metrics.";

mock::SyntheticImage synthetic_image(const ImageSpec& image) {
  return {.size_bytes = image.size_bytes,
          .zeros = image.zeros,
          .duplicates = image.duplicates,
          .compress = image.compress,
          .seed = image.seed};
}

Result<std::vector<mock::SyntheticImage>> synthetic_images(const std::vector<std::string>& specs) {
  std::vector<mock::SyntheticImage> images;
  for (const std::string& spec : specs) {
    DF_ASSIGN(const mock::SyntheticImage image, mock::parse_synthetic_image(spec));
    images.push_back(image);
  }
  return images;
}

using Content = decltype(mock::ServerOptions::content);

Result<Content> content(const ServeOptions& options, const std::optional<Scenario>& scenario) {
  if (!options.synthetic.empty() && !options.datastore.empty())
    return fail(ErrorKind::bad_input, "--synthetic and --datastore exclude each other");
  if (!options.synthetic.empty()) return synthetic_images(options.synthetic);
  if (!options.datastore.empty()) return std::filesystem::path(options.datastore);
  if (!scenario)
    return fail(ErrorKind::bad_input, "give --synthetic size=1GiB,..., --datastore DIR or --scenario NAME");
  if (scenario->image.encrypt && options.keyfile.empty())
    return fail(ErrorKind::bad_input, "the image of scenario {} is encrypted: give --keyfile FILE",
                scenario->name);
  const mock::SyntheticImage image = synthetic_image(scenario->image);
  DF_TRY(mock::check_synthetic_image(image));
  return std::vector{image};
}

Result<ServerSpec> server_spec(const ServeOptions& options, const std::optional<Scenario>& scenario) {
  nlohmann::json base = nlohmann::json::object();
  if (scenario) base = server_spec_json(scenario->server);
  DF_ASSIGN(const nlohmann::json server, server_object_from_flags(options.server, std::move(base)));
  return parse_server_spec(server, ".");
}

// The password and the token of a server that ended, from its ready file.
Result<void> take_secrets_of(const std::string& ready_file, mock::ServerOptions& options) {
  if (ready_file.empty()) return {};
  DF_ASSIGN(const Bytes text, read_file(ready_file, kReadyFileBytesMax));
  const auto ready = nlohmann::json::parse(text, nullptr, false);
  const auto member = [&ready](const char* name) {
    const bool there = ready.is_object() && ready.contains(name) && ready[name].is_string();
    return there ? ready[name].get<std::string>() : std::string();
  };
  options.password = member("password");
  options.token_secret = member("token_secret");
  if (options.password.empty() || options.token_secret.empty())
    return fail(ErrorKind::bad_input, "--secrets-of {}: this is no ready file of a server", ready_file);
  return {};
}

Result<mock::ServerOptions> server_options(const ServeOptions& options, const std::stop_token& stop) {
  mock::ServerOptions result;
  result.listen = options.listen;
  std::optional<Scenario> scenario;
  if (!options.scenario.empty()) {
    DF_ASSIGN(scenario, load_scenario(options.scenario));
  }
  DF_ASSIGN(result.content, content(options, scenario));
  DF_ASSIGN(result.server, server_spec(options, scenario));
  DF_ASSIGN(result.key, key_setting(options.keyfile, stop));
  DF_ASSIGN(result.auth_failure_delay, parse_duration(options.auth_delay));
  DF_TRY(take_secrets_of(options.secrets_of, result));
  if (options.certificate.empty() != options.private_key.empty())
    return fail(ErrorKind::bad_input, "--cert and --key go together");
  result.certificate = options.certificate;
  result.private_key = options.private_key;
  return result;
}

// glibc would keep freed chunk buffers in the heaps of fifty threads: memory that nobody counts.
void give_chunks_back_to_the_system() {
  constexpr int kMmapThresholdBytes = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kMmapThresholdBytes);
}

void wait_until_stopped(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
}

Result<ExitStatus> serve(const ServeOptions& options, const std::stop_token& stop) {
  DF_ASSIGN(const mock::ServerOptions server_settings, server_options(options, stop));
  give_chunks_back_to_the_system();
  DF_ASSIGN(const std::unique_ptr<mock::MockServer> server, mock::MockServer::start(server_settings));
  const mock::ReadyInfo& ready = server->ready();
  if (!options.ready_file.empty())
    DF_TRY(write_file_atomically(options.ready_file, as_bytes(mock::ready_json(ready)), 0600));
  fmt::print(stderr, "serving {}\nfingerprint {}\n", ready.repository, ready.fingerprint);
  if (!ready.loopback_only)
    fmt::print(stderr,
               "WARNING: {} is open to other hosts: whoever can reach it may read its metrics and try "
               "passwords; it is "
               "a mock for tests, not a hardened server\n",
               ready.host);
  if (options.ready_file.empty())
    fmt::print(stderr, "no --ready-file given: the password is not shown anywhere\n");
  wait_until_stopped(stop);
  server->stop();
  return ExitStatus::done;
}

void add_server_flags(CLI::App& command, ServeOptions& options) {
  for (const ServerFlag& flag : server_flags()) {
    CLI::Option* option = command.add_option(flag.name, options.server[flag.name], flag.help);
    option->group("What the server is like");
    option->type_name(flag.form == ServerFlag::Form::pairs || flag.form == ServerFlag::Form::list ? "K=V,..."
                                                                                                  : "VALUE");
    if (flag.form == ServerFlag::Form::list)
      option->allow_extra_args(false);
    else
      option->expected(1);
  }
}

}  // namespace

void add_serve_command(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Run the mock PBS server until SIGTERM");
  command->footer(kServeExamples);
  command->add_option("--listen", options->listen, "Address and port; port 0: the kernel chooses")
      ->capture_default_str();
  command
      ->add_option("--synthetic", options->synthetic,
                   "Serve a made image: size=1GiB,zeros=0.3; again: one more")
      ->allow_extra_args(false);
  command->add_option("--datastore", options->datastore, "Serve this PBS datastore directory");
  command->add_option("--scenario", options->scenario,
                      "Image and server of this one; other flags come first");
  command->add_option("--keyfile", options->keyfile, "Encrypt made images, or read encrypted archives");
  command->add_option("--cert", options->certificate, "Certificate, PEM (default: a fresh self-signed one)");
  command->add_option("--key", options->private_key, "Its private key, PEM");
  command->add_option("--auth-delay", options->auth_delay, "How late a 401 comes")->capture_default_str();
  command->add_option("--secrets-of", options->secrets_of, "Password and token as in this older ready file");
  command->add_option("--ready-file", options->ready_file, "Written when connections are accepted");
  add_server_flags(*command, *options);
  command->callback([options, &chosen] {
    chosen = [options](const std::stop_token& stop) { return serve(*options, stop); };
  });
}

}  // namespace depthfinder
