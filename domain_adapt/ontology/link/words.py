"""Synonyms of single words in names of diseases.

General medical English, written down by word class: what the Latin or Greek adjective of an organ
means, and words that nosologies use for one another. Not collected from a corpus.
"""

from __future__ import annotations

STOP_WORDS = frozenset(
    {"a", "an", "and", "as", "at", "by", "due", "for", "form", "forms", "from", "her", "his"}
    | {"in", "its", "of", "on", "or", "the", "their", "to", "type", "types", "with"}
)
"""Words that names of the same disease have or leave out."""

NOSOLOGY = """
cancer: tumor neoplasm neoplasia malignancy malignant neoplastic cancerous tumorigenesis
cancer: carcinogenesis
disease: disorder illness condition abnormality anomaly defect
deficiency: deficient insufficiency
syndrome: complex
inherited: hereditary heritable familial genetic
child: childhood pediatric juvenile infantile infant
congenital: inborn
retardation: disability
loss: impairment
mental: intellectual
seizure: convulsion epileptic
"""

ADJECTIVES = """
adrenal: adrenocortical
anemia: anemic
artery: arterial
ataxia: ataxic
atrophy: atrophic
autism: autistic
bile: biliary
bladder: vesical
blindness: blind
blood: hematologic hematological hematopoietic
bone: osseous skeletal
brain: cerebral
breast: mammary
cataract: cataractous
cerebellum: cerebellar
cervix: cervical
chromosome: chromosomal
colon: colonic
colorectum: colorectal
cornea: corneal
deafness: deaf
diabetes: diabetic
dysplasia: dysplastic
dystrophy: dystrophic
ear: aural otic
endometrium: endometrial
esophagus: esophageal
eye: ocular ophthalmic
fat: lipid
heart: cardiac
intestine: bowel intestinal
joint: articular
kidney: nephric renal
larynx: laryngeal
leukemia: leukemic
liver: hepatic hepatocellular
lung: pulmonary
lymph: lymphatic
lymphoma: lymphomatous
lysosome: lysosomal
macula: macular
metastasis: metastatic
mitochondrion: mitochondria mitochondrial
mouth: oral
muscle: muscular
nerve: neural
nose: nasal
ovary: ovarian
pancreas: pancreatic
parathyroid: parathyroidal
peroxisome: peroxisomal
pharynx: pharyngeal
pituitary: hypophyseal
platelet: thrombocyte
polyposis: polyp
prostate: prostatic
psychosis: psychotic
rectum: rectal
retina: retinal
skin: cutaneous dermal dermatologic
spleen: splenic
stomach: gastric
sugar: glucose
testis: testicle testicular
thrombosis: thrombotic
thymus: thymic
thyroid: thyroidal
tongue: lingual
tooth: dental teeth
uterus: uterine
vein: venous
vessel: vascular
"""
