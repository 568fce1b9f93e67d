terraform {
  # Terraform or OpenTofu: use_lockfile below needs 1.10 of either.
  required_version = ">= 1.10"

  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "5.22.0"
    }
  }

  # A bucket of R2, or of any other store that speaks S3. Bucket, endpoint and keys come when it is initialised: README.md.
  backend "s3" {
    key                         = "mcpist/terraform.tfstate"
    region                      = "auto"
    use_lockfile                = true
    use_path_style              = true
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
    skip_s3_checksum            = true
  }
}

# The token is in CLOUDFLARE_API_TOKEN.
provider "cloudflare" {}
