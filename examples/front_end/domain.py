"""The name of the API, with a certificate of the company's authority and mutual TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_acmpca import CertificateAuthority
from aws_cdk.aws_apigateway import CfnDomainName, DomainName, EndpointType, MTLSConfig, RestApi, SecurityPolicy
from aws_cdk.aws_certificatemanager import Certificate, CertificateValidation, PrivateCertificate
from aws_cdk.aws_route53 import ARecord, HostedZone, RecordTarget
from aws_cdk.aws_route53_targets import ApiGatewayDomain
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_shield import CfnProtection
from constructs import Construct

if TYPE_CHECKING:
    from examples.front_end.settings import FrontEndSettings


class PrivateDomain(Construct):
    """The only name by which the API is reached; callers show a certificate, too."""

    def __init__(self, scope: Construct, id: str, *, api: RestApi, settings: FrontEndSettings) -> None:
        """Make certificates, domain name and record, and the protection if it is asked for."""
        super().__init__(scope, id)
        zone = HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=settings.hosted_zone_id, zone_name=settings.zone_name
        )
        authority = CertificateAuthority.from_certificate_authority_arn(self, "Authority", settings.authority_arn)
        certificate = PrivateCertificate(
            self, "Certificate", domain_name=settings.domain_name, certificate_authority=authority
        )
        # API Gateway takes a private CA's certificate only with mutual TLS, and only together with a public one,
        # which shows who owns the name and is never used for TLS.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
        ownership = Certificate(
            self,
            "Ownership",
            domain_name=settings.domain_name,
            validation=CertificateValidation.from_dns(zone),
        )
        store = settings.truststore
        domain = DomainName(
            self,
            "Name",
            domain_name=settings.domain_name,
            certificate=certificate,
            endpoint_type=EndpointType.REGIONAL,
            security_policy=SecurityPolicy.TLS_1_2,
            mtls=MTLSConfig(
                bucket=Bucket.from_bucket_name(self, "Truststore", store.bucket), key=store.key, version=store.version
            ),
            mapping=api,
        )
        made = domain.node.default_child
        assert isinstance(made, CfnDomainName)  # noqa: S101 - as CDK documents it
        made.ownership_verification_certificate_arn = ownership.certificate_arn
        target = RecordTarget.from_alias(ApiGatewayDomain(domain))
        ARecord(self, "Record", zone=zone, record_name=f"{settings.domain_name}.", target=target)
        if settings.shield_advanced:
            # Shield Advanced protects the hosted zone in front of this API; it does not support the API itself.
            # https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_CreateProtection.html
            CfnProtection(self, "ShieldAdvanced", name=settings.domain_name, resource_arn=zone.hosted_zone_arn)
