"""A key whose material the company imports: configuration `imported_key`."""

from __future__ import annotations

from tests.policies.requests.key_use import DECRYPT, ENCRYPT, THROUGH_DYNAMODB, THROUGH_S3
from tests.policies.requests.keys import FOR_ANYBODY, FOR_SERVICE, GRANT, PUT_POLICY
from tests.policies.requests.row import Context, allowed, not_allowed

KEY = "imported key"
PARAMETERS, IMPORT, DELETE = "kms:GetParametersForImport", "kms:ImportKeyMaterial", "kms:DeleteImportedKeyMaterial"
FOREIGN = "foreign administrator"
LASTING: Context = {"kms:ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
EXPIRING: Context = {"kms:ExpirationModel": "KEY_MATERIAL_EXPIRES"}


def wrapping(key_spec: str | None, algorithm: str | None) -> Context:
    """Return how the material is to be wrapped."""
    return {"kms:WrappingKeySpec": key_spec, "kms:WrappingAlgorithm": algorithm}


STRONG = wrapping("RSA_4096", "RSAES_OAEP_SHA_256")

ROWS = (
    *(
        allowed("administrator", PARAMETERS, KEY, wrapping(key_spec, algorithm))
        for key_spec in ("RSA_3072", "RSA_4096")
        for algorithm in ("RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256")
    ),
    *(
        not_allowed("material on a weakly protected way", "administrator", PARAMETERS, KEY, weak)
        for weak in (
            wrapping("RSA_2048", "RSAES_OAEP_SHA_256"),
            wrapping("RSA_4096", "RSAES_OAEP_SHA_1"),
            wrapping("RSA_4096", "RSA_AES_KEY_WRAP_SHA_1"),
            wrapping("RSA_4096", "RSAES_PKCS1_V1_5"),
            wrapping(None, "RSAES_OAEP_SHA_256"),
            wrapping("RSA_4096", None),
        )
    ),
    allowed("administrator", IMPORT, KEY, LASTING),
    not_allowed("material that ends the table's life on its last day", "administrator", IMPORT, KEY, EXPIRING),
    not_allowed("material that expires because nothing was said", "administrator", IMPORT, KEY),
    not_allowed("the key useless at once", "administrator", DELETE, KEY),
    *(
        not_allowed("its own material in the company's key", who, action, KEY, context)
        for who in ("nobody", FOREIGN)
        for action, context in ((PARAMETERS, STRONG), (IMPORT, LASTING))
    ),
    *(
        allowed("administrator", action, KEY)
        for action in ("kms:RotateKeyOnDemand", "kms:ListKeyRotations", PUT_POLICY)
    ),
    not_allowed("the key's policy", "nobody", PUT_POLICY, KEY),
    not_allowed("the key's policy", FOREIGN, PUT_POLICY, KEY),
    *(allowed("administrator", action, KEY, THROUGH_DYNAMODB) for action in (ENCRYPT, DECRYPT)),
    not_allowed("a look into the table without DynamoDB", "administrator", DECRYPT, KEY),
    not_allowed("the key for other services", "administrator", DECRYPT, KEY, THROUGH_S3),
    not_allowed("the key from another account", FOREIGN, DECRYPT, KEY, THROUGH_DYNAMODB),
    not_allowed("the key without a grant", "nobody", DECRYPT, KEY, THROUGH_DYNAMODB),
    allowed("administrator", GRANT, KEY, THROUGH_DYNAMODB, FOR_SERVICE),
    not_allowed("a grant that lasts, for whom it likes", "administrator", GRANT, KEY, THROUGH_DYNAMODB, FOR_ANYBODY),
    not_allowed("a grant that lasts, for whom it likes", "administrator", GRANT, KEY, THROUGH_DYNAMODB),
    not_allowed("a grant through no service", "administrator", GRANT, KEY, FOR_SERVICE),
    not_allowed("a grant through another service", "administrator", GRANT, KEY, THROUGH_S3, FOR_SERVICE),
    not_allowed("a grant from another account", FOREIGN, GRANT, KEY, THROUGH_DYNAMODB, FOR_SERVICE),
    not_allowed("a grant", "nobody", GRANT, KEY, THROUGH_DYNAMODB, FOR_SERVICE),
)
