terraform {
  backend "s3" {
    bucket         = "example-terraform-states"
    key            = "network/prod.tfstate"
    region         = "eu-central-1"
    encrypt        = true
    kms_key_id     = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    dynamodb_table = "TerraformStateLocks"
  }
}
