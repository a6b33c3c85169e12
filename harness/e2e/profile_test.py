# SPDX-License-Identifier: MIT
"""End to end: `depthfinder profile` prints, writes and keeps what this host costs."""
import json

from common import DONE, FAILED, TestCase, USAGE, main, run

STAGES = {"tls-receive", "crc32", "aes-256-gcm", "zstd", "sha256", "memory-copy", "file-write", "fresh-memory",
          "zero-scan"}


class Profile(TestCase):
    def profile(self, *options, status=DONE, words=(), **env):
        return self.expect(run("profile", "--quick", *options, env={"XDG_CACHE_HOME": str(self.work / "cache"), **env}),
                           status, *words)

    def kept(self):
        return sorted((self.work / "cache" / "depthfinder").glob("profile-*.json"))

    def test_json_is_one_object(self):
        printed = json.loads(self.profile("--json").stdout)
        self.assertEqual((printed["schema"], printed["schema_version"]), ("depthfinder-profile", 1))
        self.assertEqual({stage["stage"] for stage in printed["stages"]}, STAGES)
        for stage in printed["stages"]:
            self.assertGreater(stage["ns_per_byte"], 0)
        self.assertTrue(printed["host"]["openssl_cpu_settings"])
        self.assertIn(printed["best_sha256_kernel"], printed["sha256_kernels"])
        for name in ("plain_incompressible", "plain_ratio_1_8", "encrypted_incompressible", "encrypted_ratio_1_8"):
            self.assertGreater(printed["cpu_floor_ns_per_byte"][name], 0)
        self.assertEqual([json.loads(path.read_text()) for path in self.kept()], [printed])

    def test_table_fits_a_terminal(self):
        lines = self.profile().stdout.splitlines()
        self.assertLessEqual(max(map(len, lines)), 80)
        for stage in STAGES:
            self.assertTrue(any(line.startswith(stage) for line in lines), stage)

    def test_a_file_on_request(self):
        output = self.work / "profile.json"
        finished = self.profile("--json", "-o", output)
        self.assertEqual(finished.stdout, "")
        self.assertEqual(json.loads(output.read_text())["schema"], "depthfinder-profile")
        self.profile("-o", self.work / "none" / "profile.json", status=FAILED, words=("none/profile.json",))

    def test_a_mask_has_a_profile_of_its_own(self):
        self.profile()
        masked = json.loads(self.profile("--json", OPENSSL_ia32cap=":~0x20000000").stdout)
        self.assertNotIn("openssl-sha-ni", masked["sha256_kernels"])
        self.assertEqual(len(self.kept()), 2)

    def test_a_quick_profile_does_not_replace_a_full_one(self):
        self.profile()
        path = self.kept()[0]
        full = {**json.loads(path.read_text()), "effort": "full"}
        path.write_text(json.dumps(full))
        self.profile()
        self.assertEqual(json.loads(path.read_text()), full)

    def test_that_it_cannot_be_kept_is_a_warning(self):
        (self.work / "cache").write_text("in the way")
        finished = self.profile("--json", words=("warning", "not kept"))
        self.assertEqual(json.loads(finished.stdout)["schema"], "depthfinder-profile")

    def test_leaves_no_file_behind(self):
        temporary = self.work / "tmp"
        temporary.mkdir()
        self.profile(TMPDIR=str(temporary))
        self.assertEqual(list(temporary.iterdir()), [])

    def test_without_room_for_a_temporary_file(self):
        self.profile(status=FAILED, words=("temporary",), TMPDIR=str(self.work / "none"))

    def test_usage(self):
        self.expect(run("profile", "--colour"), USAGE)
        help_text = self.expect(run("profile", "--help"), DONE).stdout
        self.assertIn("Examples:", help_text)
        self.assertLessEqual(max(map(len, help_text.splitlines())), 80)


if __name__ == "__main__":
    main()
