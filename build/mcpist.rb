# Homebrew's formula of a release.
class Mcpist < Formula
  desc "Keeps a remote MCP server answering: two origins, one database, one edge"
  homepage "https://github.com/@REPOSITORY@"
  version "@VERSION@"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "@URL@/mcpist-@VERSION@-macos-arm64.tar.gz"
      sha256 "@mcpist-@VERSION@-macos-arm64.tar.gz@"
    end
    on_intel do
      url "@URL@/mcpist-@VERSION@-macos-x64.tar.gz"
      sha256 "@mcpist-@VERSION@-macos-x64.tar.gz@"
    end
  end

  on_linux do
    on_arm do
      url "@URL@/mcpist-@VERSION@-linux-arm64.tar.gz"
      sha256 "@mcpist-@VERSION@-linux-arm64.tar.gz@"
    end
    on_intel do
      url "@URL@/mcpist-@VERSION@-linux-x64.tar.gz"
      sha256 "@mcpist-@VERSION@-linux-x64.tar.gz@"
    end
  end

  def install
    libexec.install Dir["*"]
    bin.install_symlink libexec/"mcpist"
    system bin/"mcpist", "--version" # The launcher makes an archive of classes.
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/mcpist --version")
  end
end
