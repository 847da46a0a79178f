//! A migration that landed is never edited: databases that ran it would differ from those that run
//! it tomorrow, and sqlx refuses to start where a file is not the one that was run.

use std::{collections::BTreeMap, fs, path::Path};

use sha2::{Digest as _, Sha256};

/// Every migration that landed, by its file, with its SHA-256.
const LANDED: &[(&str, &str)] = &[
    ("postgres/0001_foundation.sql", "85c66e56600d3aa79137e20b88ce241126f4f9226b212e119ad51a381e1e7d63"),
    ("postgres/0002_stop.sql", "2ae0b5eee46df5b9439c6af6c4adf8bb22084258daadab9f97798003b9289890"),
    ("postgres/0003_house.sql", "28e46b974c9194de01aa1a9266470d3be60f86b6e31c7f14777ee4036ddcac94"),
    ("postgres/0004_pump.sql", "634a1ab262b90a0e9256eb4ce67a90bf1f5c78ba81acc91f6de93f01e36a42a3"),
    ("postgres/0006_bot.sql", "816ae965693d0225812fe877640504ec3b8011b6c9c619072d04bc7b1852da86"),
    ("postgres/0007_trail.sql", "6a080d1411b71d1e62cf316865f8591ab470d2ebf46aac9c0d36396359347a87"),
    ("postgres/0009_ops.sql", "167c52ed9c3f0a56d596e59a677c861ac1d69be81f07270fe3973b52d2780322"),
    ("postgres/0010_privacy.sql", "be42bef0eb1e39c7ccc8a5ff906e6a983ad711af2943976612b01ec0e62fbc2f"),
    ("postgres/0011_limits.sql", "3d349926952d3c225f11647147fb2fd948acfc7442cb5c7c48d54350542d5d3e"),
    ("postgres/0013_doors.sql", "6250ac466e156a43eb10e4bffe8c9cd756b3afe3450e5ba68685267f0b27dfd2"),
    ("postgres/0016_inbox.sql", "17188bde8d529ba2fed1a699e3c2525cb742a99d71cdb051e0a0fda4237e9c74"),
    ("postgres/0017_results.sql", "abc93d66c43bbbf6704f537e65e2e534665f2b3db56bf682323740d5bf0e657c"),
    ("postgres/0018_home.sql", "01860d916d062827660f33504434f49b47125188c245d4fdb9b10c2fad0e95c8"),
    ("postgres/0019_contact_room.sql", "e1d2829efdf02fc7c2d92de5592aebc91e30bd86bbaa68d59a38713d65938aeb"),
    ("postgres/0020_steps.sql", "0ec6ea553725cacf44b153f9cdaad279aafc0483e48806ef38be48d683007c39"),
    ("postgres/0021_whatsapp.sql", "5ee0b94bb3f8e6f8ea2a9d41468670ba1ef33a0cd311ad3fb1f7ae38e210484b"),
    ("postgres/0022_pace.sql", "e4ba1a4853fd85c919bb139ee4a846559a08de017eacdd297434157abeed7506"),
    ("postgres/0023_sent.sql", "c9fe1e475006cb97d0b9ec737f63a0c9f16cd1f835b5090da83fb608787ea91a"),
    ("postgres/0024_provider_template.sql", "6453e6211d64b4ef798ffd86be1a411bdc8429055e3ebb130197275dc3502a1b"),
    ("postgres/0026_prices.sql", "a9c2e4c47ca32662c31882352c10526447fc36db1d19a71a061c97fe0a90be2e"),
    ("postgres/0027_echo.sql", "265128e4f98e542836f6270a73a9148f82b7bdaf8d284a3054516be536fdc2b1"),
    ("postgres/0028_deaf.sql", "c249588d3f2d8f3f1f2bc092e9d57b7675f940c21a3d2f818e0526344510d7b8"),
    ("postgres/0029_merged.sql", "d6d741a2d6e67b38e00e346e3fd6a891c5750a358c8be6314ff7b41c094e7d17"),
    ("postgres/0030_words.sql", "3e301c201f8b5ca52364fb87d016fdc3dc9750918afe1aed6c17c806389be07f"),
    ("postgres/0032_day.sql", "9afe8b1cb28881763d441063ab7fb38aa413010b54a8bbb852894c2b75f9d7cd"),
    ("postgres/0033_charge.sql", "8cb430f4e84995e27b5ed61a9a8f69cd82b60889ae279cc3945914baaba5c925"),
    ("postgres/0034_occasion.sql", "49e96fd6de7186f9d2ede819b2b9fe8a9065c8c0f3a7c08fe7178b6698c1f60c"),
    ("postgres/0035_occasion_index.sql", "b97fa05e2f1c2738a16c5dcaaa9e4a05bc3da63060555ec7ef988c2995cd2637"),
    ("postgres/0036_written.sql", "377c144bfd604c5070e2395e1de14b0d477a04493ecd8aa41d29dd8ee4b98175"),
    ("postgres/0037_source.sql", "0d5ed7b9391469d8d9f0546be63bc1ae8399f8b5c76ccef002493430fc19b3f4"),
    ("postgres/0038_crm_digest.sql", "0a00dd1d897a2de1ead543debe27c4f4ea2df031a64aad9d43bdd48af067eaf6"),
    ("postgres/0039_occasion_covers.sql", "17df1652560901be35de0b66479d100e9d3ac08aefb9a798a42e1f1d07ea12cc"),
    ("postgres/0040_crm_message.sql", "2f97f73cdbd263bd22bf07ef1f29573a8cc0de081613d898e4349f2c002fa305"),
    ("postgres/0041_law.sql", "3bb6e576cd60926dfcf84f4f58a7b38b3c75ff8c01c7561c3b1247abdba2f46d"),
    ("postgres/0042_mail.sql", "fd2b823ab140acfad3b0e1ce87aeb0eff3a6406173ec1546bbbf436dd85b1d68"),
    ("postgres/0043_maintenance.sql", "734d0e8490cf8f27be40340a7e0e9eb7f84fc98bc3fb58193cc4f8651f284493"),
    ("postgres/0044_second_factor.sql", "432f9dfff216f6a25cc97a510de1e2089b88b536902604222f7e9a5e64b54d76"),
    ("postgres/0045_purchase.sql", "13f810a71e7d9f874ac46f0c64dec2af2389b538279253146e2ddd55dc2b8cfe"),
    ("postgres/0046_agreement.sql", "3ddeb5c732e9c55fd7166b8ec23fbc2322607d6485f50292fd291de50f4ae269"),
    ("postgres/0047_evidence.sql", "97d2c99558e212db27b403222c6485bd2964d581e9d3c76d822bc6cf78fcdaef"),
    ("postgres/0048_erasure.sql", "890e709d41645869c553fa313878b4984ef55d013f01357c39fe7dffecc45bfb"),
    ("postgres/0050_support.sql", "d9f53d4104c2edf044b6fe9cfaabe51415946c2df710dd345895ec2e1c7bb423"),
    ("postgres/0052_consent_form.sql", "35d611b395ad927260a9f0e0fbb4db60270f8fa176b1d6cc14e5be31667b69f8"),
    ("postgres/0053_claim_dossier.sql", "254026700ca4b5e974e7f0a4291f8a4614114a9a780db0e65bdd94633887b6ca"),
    ("postgres/0055_stray_payment.sql", "fb4e97a9939469dd7b48b552ce68c9b3025309eae10cdadcfcaf8e812f2bdd27"),
    ("postgres/0056_crm_merge.sql", "53a37c0a9ce7944cc72294d4a00082077455ec4f85d36457a1210dc5ea3399e4"),
    ("postgres/0059_load.sql", "6ae292d8d104d18e4658b3015cf68c95701c27a378f1541294df296351d91696"),
    ("postgres/0060_choices.sql", "b3dbc72f54e1daba17e311e527350939529117f7ef7197dac4cd08be965da5c0"),
    ("postgres/0061_pages.sql", "ab5fd6b1c725cf2e52805168321ccef37ed6a4300dfd06aab7bc527081e480de"),
    ("postgres/0062_lately.sql", "5cfc5cbd9e212094b47dd05a85505bf90725f37d99fa478ba6af1c6a977da15b"),
    ("postgres/0063_gone.sql", "09bb09575aaeab59bd6890803cdb79a4e39d8756b55e3aff5be9c4323b8d37af"),
    ("postgres/0064_signed.sql", "63aa93eefeef5d062620d04069b427044bffb948e8e34a29d3dc676f2b16eb66"),
    ("postgres/0065_keyword.sql", "0f6c33822751939c5c229d536f90a367ab8374e8d5ea36e0b7f8f73b5fa5ee89"),
    ("postgres/0066_ledger_forgotten.sql", "224da2889ac1e8ca8a358de99568e6fd14bf33d2a9dabc36052447a23fe15cdd"),
    ("postgres/0067_late.sql", "52c389e05f846a3a55e447615c9c4248bc6b424165ec19276bbcaad8352980d9"),
    ("sqlite/0001_foundation.sql", "a398f455b08b96bb4b5e1e50676bbb97a1af2a874bded0c2319a19e835dcafdd"),
    ("sqlite/0002_stop.sql", "6bc2c8563a26bcaa1f5d62e357235e276f48763380b274930f7b48d5b466367f"),
    ("sqlite/0003_house.sql", "6f366c7a4db79b9ca9b632c25353c7fcbcec98f707b60838c8d64787682b5103"),
    ("sqlite/0004_pump.sql", "46d11a6cfcedeb3161a76bb4dc0637e59f9f52d0d2fd175b61dde87ba24c1486"),
    ("sqlite/0006_bot.sql", "2e6fa3baea9658c67334d27e8ba2a84523908e227eda20582b38c11f478e471a"),
    ("sqlite/0007_trail.sql", "3404774da43944c06507bb1cd3bc94c35d08dd847fae86f044242ac40ca2414a"),
    ("sqlite/0009_ops.sql", "892de2fe39f9a3c5d089063fa1b423d23befd77df4e94caaf9b8084e72c0fb22"),
    ("sqlite/0010_privacy.sql", "ddf9232d61f05a16e62fc3670677b3a7edcb621410ed7fff4e2ca8b61ef11c0c"),
    ("sqlite/0011_limits.sql", "df9b111a570bbf3448bb995adc4b7e6f2106032ce5fe6cb27fd92bcf9c341a8f"),
    ("sqlite/0013_doors.sql", "222df84b827c22be301d8b7c799e04712d3378f39e42f7b1348fafe87fe14b29"),
    ("sqlite/0016_inbox.sql", "f9fb5ef10c3fd5555d3f0113eb8eaeee57a066657369597df99c3a3610031954"),
    ("sqlite/0017_results.sql", "dfe05e8895a269d6e60012a7941397be5c333384cd7fac8c70df5614f3da5ba8"),
    ("sqlite/0018_home.sql", "6a3b9999198a372ac0149781ccdf8c55d266b0be0160253c9e4fcbc472351455"),
    ("sqlite/0019_contact_room.sql", "d80520fbac154bd1893ca49668dc94572f955fe5ff613b5f5a76ce37a0e1d80c"),
    ("sqlite/0020_steps.sql", "64e6a19689548f5ddf9956f0c78a6e14695a4310556edd5e8929cefb7e290e9c"),
    ("sqlite/0021_whatsapp.sql", "b8ef72ba962c52219d7c147f046317c21e99a30859076c02aacdca07142a98ec"),
    ("sqlite/0022_pace.sql", "14a0763d994a64924b9bd6f9950cbaa764cba2ffe918c0fc6e32c4565f48aa0f"),
    ("sqlite/0023_sent.sql", "62d8b89d4255f11956cc252be1b0d82ba7df616eb41da88e66ee8fb9b477ca2a"),
    ("sqlite/0024_provider_template.sql", "e3df36a7f528e1aaf2ae300cf0e10bfe52cc471edef7d714b3aa74053d8bca67"),
    ("sqlite/0026_prices.sql", "52effe15d4cb0df94fec4c77dec07878860a0ca8993850a49886b9a7067650da"),
    ("sqlite/0027_echo.sql", "9622f59f6de4e139ac031469a9f810c1848b9afed75ed4da1ebdf87df66899e8"),
    ("sqlite/0028_deaf.sql", "c249588d3f2d8f3f1f2bc092e9d57b7675f940c21a3d2f818e0526344510d7b8"),
    ("sqlite/0029_merged.sql", "a19ae4c056b8786be3b82b7694d77949b414302cfd8db6e9959c773e56d2b38e"),
    ("sqlite/0030_words.sql", "3e301c201f8b5ca52364fb87d016fdc3dc9750918afe1aed6c17c806389be07f"),
    ("sqlite/0032_day.sql", "ef7f53dd7a600b18ccc17fcbab84cea19891b246ed8a0a6ef99f5c8ec2f2c3dc"),
    ("sqlite/0033_charge.sql", "8cb430f4e84995e27b5ed61a9a8f69cd82b60889ae279cc3945914baaba5c925"),
    ("sqlite/0034_occasion.sql", "a7fa3fac130fb3d5cbe23f9a99adb8de15ddc8218ed7a5c05bd3a7a9acb81895"),
    ("sqlite/0035_occasion_index.sql", "b97fa05e2f1c2738a16c5dcaaa9e4a05bc3da63060555ec7ef988c2995cd2637"),
    ("sqlite/0036_written.sql", "377c144bfd604c5070e2395e1de14b0d477a04493ecd8aa41d29dd8ee4b98175"),
    ("sqlite/0037_source.sql", "a899dd549b8914f7da7c464413afb0656d5f42fecb381249ef654844f21ea34d"),
    ("sqlite/0038_crm_digest.sql", "5ccf938c9d908d83975853c2a0c20b2023e46c8436e93da9cad73df969b5b75b"),
    ("sqlite/0039_occasion_covers.sql", "2ec1641c7555c21d16c7b92ecf3876c647cee22f7b66bd3ebdd1b0e8ff3599ee"),
    ("sqlite/0040_crm_message.sql", "d0e21eedbe5cc8ac1a2e705ddc52a21ed58da0d8dc9cb56fca0854b4964d07a2"),
    ("sqlite/0041_law.sql", "e815b8a9ba5d5ddb6f4e23909102499ea41e967ac3ddfc8db981f33651bc3518"),
    ("sqlite/0042_mail.sql", "401e0c71ce8b0712c3afd5fb5a161da4fee7a804a1cab6f3889c534602336266"),
    ("sqlite/0043_maintenance.sql", "d086869d88b6c212a064d193e6a132a9f30ff4db2f674f67083f5a39e2ecb84c"),
    ("sqlite/0044_second_factor.sql", "2d5a7c384a0c1989956562a595b3eda87f22e841a30f5b6558e7e4c1d6a07264"),
    ("sqlite/0045_purchase.sql", "3ae16e6e1c8bcedc29993f4ddf51b1a7206845a1af030a28b93dce2c75a2f073"),
    ("sqlite/0046_agreement.sql", "1f1be071a9ea3f557403b3b6538e9c8d77f9457da140dbf4126e0834722bea2f"),
    ("sqlite/0047_evidence.sql", "deb8ff05720f603450fae29be4a3f28ad3dea6bdce327c8d28222284c9825619"),
    ("sqlite/0048_erasure.sql", "111d0dc405a64f1a4a1461fd8df93441820b8388d5291827b31be0ffda0518c6"),
    ("sqlite/0050_support.sql", "003648ba598da1dafa7c08894bfdffbec806dc75be5394ad114d3bbce2e8f9bc"),
    ("sqlite/0052_consent_form.sql", "ba2932a68c96ab1dab4a592421dadcc156b532dc978e79b91dbb2f53f8bc8b0c"),
    ("sqlite/0053_claim_dossier.sql", "20bcadaebdda36538b75602f721fb550cd994cf25a6426395c8fc226fe96850c"),
    ("sqlite/0055_stray_payment.sql", "e304c52310b184da48a697ecc2f14866ab946128bc9843a4de2ed49f89e13f74"),
    ("sqlite/0056_crm_merge.sql", "c4c466103453cd4b8232dac49fbcb8bb4724733be20f71092f8dae2c47387a24"),
    ("sqlite/0059_load.sql", "6ae292d8d104d18e4658b3015cf68c95701c27a378f1541294df296351d91696"),
    ("sqlite/0060_choices.sql", "8f2841e1ddccfaeed81466b187f92221da5079c9b25ccf3c6f667fcf7b47be7f"),
    ("sqlite/0061_pages.sql", "0292d097ca8cba930fb3f2ff4be1325fccd9e046a84faaeb27d35bd7aaa075ea"),
    ("sqlite/0062_lately.sql", "5cfc5cbd9e212094b47dd05a85505bf90725f37d99fa478ba6af1c6a977da15b"),
    ("sqlite/0063_gone.sql", "09bb09575aaeab59bd6890803cdb79a4e39d8756b55e3aff5be9c4323b8d37af"),
    ("sqlite/0064_signed.sql", "615af8e46f515dd733d27b4b2817ab11a59dfe76c2b7b112b9db59a60b98f9f1"),
    ("sqlite/0065_keyword.sql", "66198bafa51bdf2d9255569c4759b5c7d66a13f43bc164a228c83a1e90e3a03a"),
    ("sqlite/0066_ledger_forgotten.sql", "da0bd738fa0211269df7318922ad783aa91666fa30fd730240056aca7cf12403"),
    ("sqlite/0067_late.sql", "e523488bc7220836010b4a349b24a86f323fea996ef1159c07e86ac10c5442ef"),
];

#[test]
fn no_migration_is_edited_after_it_landed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut there = BTreeMap::new();
    for engine in ["postgres", "sqlite"] {
        for entry in fs::read_dir(root.join(engine)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{engine}/{}", path.file_name().unwrap().to_str().unwrap());
            there.insert(name, hex::encode(Sha256::digest(fs::read(&path).unwrap())));
        }
    }
    let mut wrong = Vec::new();
    for (name, landed) in LANDED {
        match there.remove(*name) {
            Some(digest) if digest == *landed => {}
            Some(_) => wrong.push(format!(
                "migrations/{name} was changed after it landed: put it back as it was, and write what is to change into a new migration with the next number"
            )),
            None => wrong.push(format!(
                "migrations/{name} was removed or renamed after it landed: put it back; what it made is dropped by a new migration with the next number"
            )),
        }
    }
    for (name, digest) in there {
        wrong.push(format!("migrations/{name} is new: pin it in `LANDED` by the line (\"{name}\", \"{digest}\"),"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
